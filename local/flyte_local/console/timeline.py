"""The timeline of an action: bars for waiting and running, on the scale of the run. Pure."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flyteidl2.workflow.run_definition_pb2 import ActionDetails, ActionStatus

from flyte_local.runs.phases import TERMINAL, phase_name
from flyte_local.wire.times import seconds

_NO_BREAK = "\N{NO-BREAK SPACE}"
_WIDTH = 1000
_LEAST = 3


@dataclass(frozen=True)
class Span:
    """A stretch of time in one phase. Times are unix seconds."""

    phase: str
    begin: float
    end: float

    @property
    def length(self) -> float:
        """The length in seconds."""
        return max(0.0, self.end - self.begin)


@dataclass(frozen=True)
class Scale:
    """The stretch of time that the whole width of a bar stands for."""

    begin: float
    end: float

    def at(self, moment: float) -> int:
        """Return the position of a moment, 0 to 1000."""
        length = self.end - self.begin
        return round(_WIDTH * min(1.0, max(0.0, (moment - self.begin) / length))) if length > 0 else 0


@dataclass(frozen=True)
class BarPart:
    """A part of a bar, in thousandths of its width."""

    phase: str
    x: int
    width: int


@dataclass(frozen=True)
class Bar:
    """A timeline as a picture and in words."""

    text: str
    parts: Sequence[BarPart]


def spans(details: ActionDetails, now: float) -> list[Span]:
    """Return an action's phases in order. A phase that has not ended lasts until now."""
    transitions = [
        Span(phase_name(t.phase), seconds(t.start_time), seconds(t.end_time) if t.HasField("end_time") else now)
        for attempt in details.attempts
        for t in attempt.phase_transitions
        if t.phase not in TERMINAL
    ]
    begin = seconds(details.status.start_time)
    if transitions or not begin:
        return transitions
    end = seconds(details.status.end_time) if details.status.HasField("end_time") else now
    return [Span(phase_name(details.status.phase), begin, end)]


def scale(actions: Iterable[Sequence[Span]]) -> Scale:
    """Return the scale that covers all spans of a run."""
    every = [span for action_spans in actions for span in action_spans]
    return Scale(min((s.begin for s in every), default=0.0), max((s.end for s in every), default=0.0))


def bar(action_spans: Sequence[Span], on: Scale) -> Bar:
    """Return the bar of an action's spans."""
    text = ", ".join(f"{span.phase.replace('_', ' ')} {duration(span.length)}" for span in action_spans)
    parts = [
        BarPart(span.phase, on.at(span.begin), max(_LEAST, on.at(span.end) - on.at(span.begin)))
        for span in action_spans
    ]
    return Bar(text or "no time", parts)


def took(status: ActionStatus) -> str:
    """Return how long an action took, or has been taking. Waiting and running both count."""
    if status.HasField("end_time"):
        return duration(status.duration_ms / 1000).replace(" ", _NO_BREAK)
    begin = seconds(status.start_time)
    return f"{duration(max(0.0, time.time() - begin))} so far" if begin and status.phase not in TERMINAL else ""


def duration(length: float) -> str:
    """Return seconds as text for people."""
    if length < 60:
        return f"{length:.1f} s"
    minutes, remainder = divmod(round(length), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {remainder} s"
