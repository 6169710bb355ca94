"""The rate limit for the messages of one client: a token bucket. Pure.

A library for rate limits keeps counters for many keys. One connection needs only two numbers.
"""

from __future__ import annotations

__all__ = ["Bucket"]


class Bucket:
    """A token bucket that holds `burst` tokens and refills by `rate` per second. Without a rate it never runs out."""

    def __init__(self, rate: float | None, burst: int, now: float) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._tokens = self._burst
        self._refilled = now

    def take(self, now: float) -> bool:
        """Take one token at the time `now` (monotonic seconds). Return False if the bucket is empty."""
        if self._rate is None:
            return True
        self._tokens = min(self._burst, self._tokens + (now - self._refilled) * self._rate)
        self._refilled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
