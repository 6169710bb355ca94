"""The time that an operation may take."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Deadline:
    """A point in time that an operation must not pass. `seconds` is the time that it had at first."""

    seconds: float
    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """Return the point in time that is so many seconds from now."""
        return cls(seconds, time.monotonic() + seconds)

    @property
    def remaining(self) -> float:
        """Seconds until then; negative when it is too late."""
        return self.at - time.monotonic()

    @property
    def passed(self) -> bool:
        """True if it is too late."""
        return time.monotonic() > self.at
