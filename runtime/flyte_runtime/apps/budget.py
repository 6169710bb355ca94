"""The retry budget of an edge: a share of the calls made, plus a small reserve. The idea is from Finagle."""

from __future__ import annotations

import threading
import time

__all__ = ["Budget"]


class Budget:
    """A token bucket. Every call adds `ratio` tokens, every retry takes one, and each second adds `rate`.

    It limits the extra load on an app that fails: at most `1 + ratio` requests for each call, plus the reserve.
    Threads and event loops may share a budget.
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
        """Count one call."""
        with self._lock:
            self._tokens = min(self._cap, self._tokens + self._ratio)

    def withdraw(self) -> bool:
        """Take a token for one retry. Return False if the bucket is empty."""
        with self._lock:
            now = time.monotonic()
            if self._tokens < self._reserve:
                self._tokens = min(self._reserve, self._tokens + (now - self._refilled) * self._rate)
            self._refilled = now
            if self._tokens < 1.0:
                return False
            self._tokens -= 1.0
            return True
