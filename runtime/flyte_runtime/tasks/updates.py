"""The states of a run: its phases, and the updates in which the control plane tells them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flyte.remote import ActionDetails

__all__ = ["SUCCESSFUL_PHASES", "TERMINAL_PHASES", "RunUpdate", "failure_reason", "phase_of", "update_of"]

# Flyte's own names (flyte.models.ActionPhase); `recovered` is success taken over from an earlier run.
SUCCESSFUL_PHASES = frozenset({"succeeded", "recovered"})
TERMINAL_PHASES = SUCCESSFUL_PHASES | {"failed", "aborted", "timed_out"}


@dataclass(frozen=True)
class RunUpdate:
    """One state of a run: its phase, which attempt, its times (UTC) as far as they are known, and its error."""

    name: str
    phase: str
    attempt: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error: str = ""

    @property
    def done(self) -> bool:
        """Whether no update follows."""
        return self.phase in TERMINAL_PHASES


def update_of(name: str, details: ActionDetails) -> RunUpdate:
    """Return the update that the control plane's details of a run make."""
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
    """Return a phase of Flyte's as text. Its phases are an enum of strings."""
    return str(getattr(phase, "value", phase))


def _time(status: Any, field: str) -> datetime | None:
    if not status.HasField(field):
        return None
    at: datetime = getattr(status, field).ToDatetime(tzinfo=timezone.utc)
    return at


def failure_reason(details: ActionDetails) -> str:
    """Return why a run failed or was aborted, or an empty text."""
    if details.error_info is not None:
        return str(details.error_info.message)
    if details.abort_info is not None:
        return str(details.abort_info.reason)
    return ""
