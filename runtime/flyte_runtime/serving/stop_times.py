"""The time limits of a server that stops, from its platform and its variables."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

from flyte_runtime.contract import DRAIN, DRAIN_DELAY, DRAIN_DELAY_VARIABLE, DRAIN_VARIABLE
from flyte_runtime.errors import ServeError

__all__ = ["StopTimes", "stop_times"]

# Seconds of the drain that are reserved for WebSocket handlers and the application's lifespan.
_LAST = 4.0


@dataclass(frozen=True)
class StopTimes:
    """The time limits of a server that stops, in seconds from the stop signal.

    delay: the time for which new requests are taken.
    drain: the time after which the application has ended.
    """

    delay: float
    drain: float

    @property
    def requests(self) -> float:
        """The time for which running requests may go on. The rest of the drain is for the later steps."""
        return self.drain - min(_LAST, self.drain / 2)


def stop_times(platform: str | None) -> StopTimes:
    """Return the limits of a process on `platform`. None means a process without wiring. Raises ServeError.

    A process without wiring or on the local platform needs no delay, because no proxy must notice its end.
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
