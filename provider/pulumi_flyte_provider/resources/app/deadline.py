"""The time that an operation may take."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Deadline:
    """The time at which an operation must end. `seconds` is the whole time that it has."""

    seconds: float
    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """Return a deadline that is `seconds` from now."""
        return cls(seconds, time.monotonic() + seconds)

    @property
    def remaining(self) -> float:
        """The remaining seconds. They are negative after the deadline."""
        return self.at - time.monotonic()

    @property
    def passed(self) -> bool:
        """True after the deadline."""
        return time.monotonic() > self.at
