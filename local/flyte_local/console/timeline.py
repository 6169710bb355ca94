"""When an action waited, ran and ended, as bars on the run's own scale. The arithmetic is pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flyteidl2.workflow.run_definition_pb2 import ActionDetails

from flyte_local.runs.phases import TERMINAL, phase_name
from flyte_local.web.html import Html, join, tag
from flyte_local.wire.times import seconds

_WIDTH = 1000
_LEAST = 3


@dataclass(frozen=True)
class Span:
    """A stretch of time in one phase; unix seconds."""

    phase: str
    begin: float
    end: float

    @property
    def length(self) -> float:
        """Seconds."""
        return max(0.0, self.end - self.begin)


@dataclass(frozen=True)
class Scale:
    """The stretch of time that a bar's whole width stands for."""

    begin: float
    end: float

    def at(self, moment: float) -> int:
        """The place of a moment, 0 to 1000."""
        length = self.end - self.begin
        return round(_WIDTH * min(1.0, max(0.0, (moment - self.begin) / length))) if length > 0 else 0


def spans(details: ActionDetails, now: float) -> list[Span]:
    """An action's phases in order; what has not ended lasts until now."""
    found = [
        Span(phase_name(t.phase), seconds(t.start_time), seconds(t.end_time) if t.HasField("end_time") else now)
        for attempt in details.attempts
        for t in attempt.phase_transitions
        if t.phase not in TERMINAL
    ]
    if found:
        return found
    begin = seconds(details.status.start_time)
    if not begin:
        return []
    end = seconds(details.status.end_time) if details.status.HasField("end_time") else now
    return [Span(phase_name(details.status.phase), begin, end)]


def scale(actions: Iterable[Sequence[Span]]) -> Scale:
    """What all spans of a run cover."""
    every = [span for found in actions for span in found]
    return Scale(min((s.begin for s in every), default=0.0), max((s.end for s in every), default=0.0))


def bar(found: Sequence[Span], on: Scale) -> Html:
    """A picture of the spans, with the same in words."""
    said = ", ".join(f"{span.phase.replace('_', ' ')} {duration(span.length)}" for span in found) or "no time"
    parts = join(
        tag(
            "rect",
            x=on.at(span.begin),
            y=0,
            width=max(_LEAST, on.at(span.end) - on.at(span.begin)),
            height=12,
            class_=span.phase,
        )
        for span in found
    )
    inside = join((tag("title", said), parts))
    return tag("svg", inside, class_="bar", viewBox=f"0 0 {_WIDTH} 12", preserveAspectRatio="none", role="img",
               aria_label=said)  # fmt: skip


def duration(length: float) -> str:
    """Seconds for people."""
    if length < 60:
        return f"{length:.1f} s"
    minutes, rest = divmod(round(length), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
