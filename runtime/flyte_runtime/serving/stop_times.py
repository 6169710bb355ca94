"""The times of a server's end, from its platform and the variables that change them."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

from flyte_runtime.contract import DRAIN, DRAIN_DELAY, DRAIN_DELAY_VARIABLE, DRAIN_VARIABLE
from flyte_runtime.errors import ServeError

__all__ = ["StopTimes", "stop_times"]

# Seconds of the drain that are kept for WebSockets' handlers and the application's lifespan.
_LAST = 4.0


@dataclass(frozen=True)
class StopTimes:
    """Seconds from the stop signal. `delay`: new requests are taken. `drain`: the application has ended."""

    delay: float
    drain: float

    @property
    def requests(self) -> float:
        """The seconds for which requests under way may go on. The rest of the drain is for what comes after them."""
        return self.drain - min(_LAST, self.drain / 2)


def stop_times(platform: str | None) -> StopTimes:
    """Return the times of a process on `platform`, None: of one that is not wired. Raise ServeError.

    A terminal and the local platform need no delay: there, nobody has to learn that the process ends.
    """
    delay = 0.0 if platform in (None, "local") else float(DRAIN_DELAY)
    return StopTimes(_seconds(DRAIN_DELAY_VARIABLE, delay, least=0.0), _seconds(DRAIN_VARIABLE, DRAIN, least=1.0))


def _seconds(variable: str, default: float, *, least: float) -> float:
    text = os.environ.get(variable)
    if not text:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not least <= seconds < math.inf:
        msg = f"the variable {variable} is {text!r}: expected seconds, {least:g} or more"
        raise ServeError(msg)
    return seconds
