"""The states of a run: its phases, and the updates that the control plane sends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flyte.remote import ActionDetails

__all__ = ["SUCCESSFUL_PHASES", "TERMINAL_PHASES", "RunUpdate", "failure_reason", "phase_of", "update_of"]

# The names are Flyte's (flyte.models.ActionPhase). `recovered` means that the result of an earlier run was reused.
SUCCESSFUL_PHASES = frozenset({"succeeded", "recovered"})
TERMINAL_PHASES = SUCCESSFUL_PHASES | {"failed", "aborted", "timed_out"}


@dataclass(frozen=True)
class RunUpdate:
    """A state of a run: its phase, the number of the attempt, its times (UTC, None if not known), and its error."""

    name: str
    phase: str
    attempt: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error: str = ""

    @property
    def done(self) -> bool:
        """True if this is the last update of the run."""
        return self.phase in TERMINAL_PHASES


def update_of(name: str, details: ActionDetails) -> RunUpdate:
    """Return the update for the details of a run from the control plane."""
    status = details.pb2.status
    return RunUpdate(
        name=name,
        phase=phase_of(details.phase),
        attempt=status.attempts,
        started_at=_time(status, "start_time"),
        ended_at=_time(status, "end_time"),
        error=failure_reason(details),
    )


def phase_of(phase: Any) -> str:
    """Return one of Flyte's phases, which are an enum of strings, as text."""
    return str(getattr(phase, "value", phase))


def _time(status: Any, field: str) -> datetime | None:
    if not status.HasField(field):
        return None
    timestamp: datetime = getattr(status, field).ToDatetime(tzinfo=timezone.utc)
    return timestamp


def failure_reason(details: ActionDetails) -> str:
    """Return why a run failed or was aborted, or an empty text."""
    if details.error_info is not None:
        return str(details.error_info.message)
    if details.abort_info is not None:
        return str(details.abort_info.reason)
    return ""
