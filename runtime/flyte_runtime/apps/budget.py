"""How many retries an edge can afford. The idea is Finagle's: a share of the calls made, plus a small reserve."""

from __future__ import annotations

import threading
import time

__all__ = ["Budget"]


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
