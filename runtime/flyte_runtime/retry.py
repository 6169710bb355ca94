"""When a call may be tried again, how long to pause, and how much of it an edge can afford. Pure but for its clock.

Facts: idempotent methods RFC 9110 §9.2.2; `Retry-After` RFC 9110 §10.2.3; full jitter as in AWS's
"Exponential Backoff And Jitter"; the budget is Finagle's: a share of the calls made, plus a small reserve.
"""

from __future__ import annotations

import random
import threading
import time
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

__all__ = ["IDEMPOTENT_METHODS", "RETRYABLE_STATUSES", "Budget", "pause", "retry_after"]

IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
# Too many requests, and what proxies say of an app that is starting, restarting or too slow.
RETRYABLE_STATUSES = frozenset({429, 502, 503, 504})


def pause(attempt: int, base: float, cap: float) -> float:
    """Seconds before the attempt after `attempt` (counted from 0): full jitter under a doubling ceiling."""
    ceiling: float = min(cap, base * 2.0 ** min(attempt, 32))
    return random.uniform(0.0, ceiling)


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


class Budget:
    """A token bucket: every call puts `ratio` in, every retry takes one out, and `rate` a second flows in.

    So an app that fails does not get a multiple of its traffic on top: at most `1 + ratio` requests for each call
    that was wanted, plus the reserve. Safe to share between threads and event loops.
    """

    def __init__(self, ratio: float = 0.18, reserve: float = 10.0, cap: float = 100.0, rate: float = 0.2) -> None:
        self._ratio = ratio
        self._reserve = reserve
        self._cap = cap
        self._rate = rate
        self._tokens = reserve
        self._refilled = time.monotonic()
        self._lock = threading.Lock()

    def deposit(self) -> None:
        """One call is wanted."""
        with self._lock:
            self._tokens = min(self._cap, self._tokens + self._ratio)

    def withdraw(self) -> bool:
        """Whether one more retry can be afforded; it is then paid."""
        with self._lock:
            now = time.monotonic()
            if self._tokens < self._reserve:
                self._tokens = min(self._reserve, self._tokens + (now - self._refilled) * self._rate)
            self._refilled = now
            if self._tokens < 1.0:
                return False
            self._tokens -= 1.0
            return True
