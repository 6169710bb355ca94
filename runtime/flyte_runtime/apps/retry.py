"""When a call may be tried again, and how long to pause before. Pure.

Facts: idempotent methods RFC 9110 §9.2.2; `Retry-After` RFC 9110 §10.2.3; full jitter as in AWS's
"Exponential Backoff And Jitter".
"""

from __future__ import annotations

import random
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

__all__ = ["IDEMPOTENT_METHODS", "RETRYABLE_STATUSES", "pause", "retry_after"]

IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
# Too many requests, and what proxies say of an app that is starting, restarting or too slow.
RETRYABLE_STATUSES = frozenset({429, 502, 503, 504})


def pause(attempt: int, base: float, cap: float, asked: float = 0.0) -> float:
    """Seconds before the attempt after `attempt` (counted from 0): full jitter under a doubling ceiling.

    It comes on top of what was `asked` for, or all who were told the same would come back in the same moment.
    """
    ceiling: float = min(cap, base * 2.0 ** min(attempt, 32))
    return asked + random.uniform(0.0, ceiling)


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """The seconds that a `Retry-After` header asks for: a number or an HTTP date; None where it says nothing."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) < 10 else None
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=timezone.utc)
    return max(0.0, (at - (now or datetime.now(timezone.utc))).total_seconds())
