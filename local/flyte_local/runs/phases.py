"""The life of an action: the phases that end it, and how a change of phase is recorded."""

from __future__ import annotations

import time

from flyteidl2.common import phase_pb2
from flyteidl2.common.phase_pb2 import ActionPhase
from flyteidl2.workflow.run_definition_pb2 import ActionAttempt, ActionDetails, ErrorInfo
from google.protobuf.timestamp_pb2 import Timestamp

from flyte_local.wire.times import seconds, stamp

QUEUED = phase_pb2.ACTION_PHASE_QUEUED
RUNNING = phase_pb2.ACTION_PHASE_RUNNING
PAUSED = phase_pb2.ACTION_PHASE_PAUSED
SUCCEEDED = phase_pb2.ACTION_PHASE_SUCCEEDED
FAILED = phase_pb2.ACTION_PHASE_FAILED
ABORTED = phase_pb2.ACTION_PHASE_ABORTED
TIMED_OUT = phase_pb2.ACTION_PHASE_TIMED_OUT
RECOVERED = phase_pb2.ACTION_PHASE_RECOVERED
TERMINAL = frozenset({SUCCEEDED, FAILED, ABORTED, TIMED_OUT, RECOVERED})


def phase_name(value: ActionPhase) -> str:
    """Return a phase in lower case, such as `timed_out`. A number without a name is "unknown"."""
    descriptor = ActionPhase.DESCRIPTOR.values_by_number.get(value)
    return str(descriptor.name).removeprefix("ACTION_PHASE_").lower() if descriptor else "unknown"


def is_terminal(details: ActionDetails) -> bool:
    """Return whether the action has ended."""
    return details.status.phase in TERMINAL


def move(details: ActionDetails, phase: ActionPhase, error: ErrorInfo | None = None, now: float | None = None) -> None:
    """Put the action and its current attempt into `phase`, and record the times and the transition."""
    at = stamp(time.time() if now is None else now)
    status = details.status
    status.phase = phase
    if not status.HasField("start_time"):
        status.start_time.CopyFrom(at)
    if phase in TERMINAL:
        status.end_time.CopyFrom(at)
        status.duration_ms = max(0, int((seconds(at) - seconds(status.start_time)) * 1000))
    if error is not None:
        details.error_info.CopyFrom(error)
    if details.attempts:
        move_attempt(details.attempts[-1], phase, error, at)


def begin_attempt(details: ActionDetails, now: float | None = None) -> ActionAttempt:
    """Add the next attempt, in the running phase."""
    at = stamp(time.time() if now is None else now)
    attempt = details.attempts.add(attempt=len(details.attempts) + 1, logs_available=True)
    attempt.start_time.CopyFrom(at)
    if len(details.attempts) == 1:
        attempt.phase_transitions.add(phase=QUEUED, start_time=details.status.start_time, end_time=at)
    details.status.attempts = attempt.attempt
    details.status.phase = RUNNING
    move_attempt(attempt, RUNNING, None, at)
    return attempt


def move_attempt(attempt: ActionAttempt, phase: ActionPhase, error: ErrorInfo | None, at: Timestamp) -> None:
    """Put one attempt into `phase`."""
    if attempt.phase_transitions and not attempt.phase_transitions[-1].HasField("end_time"):
        attempt.phase_transitions[-1].end_time.CopyFrom(at)
    attempt.phase = phase
    transition = attempt.phase_transitions.add(phase=phase, start_time=at)
    if phase in TERMINAL:
        transition.end_time.CopyFrom(at)
        attempt.end_time.CopyFrom(at)
    if error is not None:
        attempt.error_info.CopyFrom(error)
