"""The rules for trying a call again: for which methods and statuses, and after which pause. Pure.

Sources: idempotent methods RFC 9110 §9.2.2; `Retry-After` RFC 9110 §10.2.3; full jitter as in AWS's
"Exponential Backoff And Jitter".
"""

from __future__ import annotations

import random
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

__all__ = ["IDEMPOTENT_METHODS", "RETRYABLE_STATUSES", "pause", "retry_after"]

IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
# Too many requests, and the statuses of proxies for an app that is starting, restarting or too slow.
RETRYABLE_STATUSES = frozenset({429, 502, 503, 504})


def pause(attempt: int, base: float, cap: float, minimum: float = 0.0) -> float:
    """Return the seconds to wait after attempt number `attempt` (from 0): full jitter under a ceiling that doubles.

    The jitter is added to `minimum`, the seconds of a `Retry-After`. Otherwise all clients with the same header would
    come back at the same moment.
    """
    ceiling: float = min(cap, base * 2.0 ** min(attempt, 32))
    return minimum + random.uniform(0.0, ceiling)


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds of a `Retry-After` header, a number or an HTTP date. Return None if it is not valid."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) < 10 else None
    try:
        date = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=timezone.utc)
    return max(0.0, (date - (now or datetime.now(timezone.utc))).total_seconds())
