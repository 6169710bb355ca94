"""How fast one client may send: a token bucket. Pure.

A library of rate limits keeps counters by key for many; one connection's needs two numbers that go with it.
"""

from __future__ import annotations

__all__ = ["Bucket"]


class Bucket:
    """Holds `burst` messages and refills by `rate` a second; without a rate it never runs out."""

    def __init__(self, rate: float | None, burst: int, now: float) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._left = self._burst
        self._at = now

    def take(self, now: float) -> bool:
        """Take one at the time `now` (monotonic seconds); whether there was one."""
        if self._rate is None:
            return True
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
