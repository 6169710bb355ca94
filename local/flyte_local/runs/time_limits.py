"""Time limits of actions, and the pauses between attempts (`flyte.Timeout`, `flyte.RetryStrategy`)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from flyteidl2.core.literals_pb2 import RetryStrategy
from flyteidl2.core.tasks_pb2 import TaskMetadata
from flyteidl2.workflow.run_definition_pb2 import ActionDetails, ErrorInfo

from flyte_local.wire.times import seconds


@dataclass(frozen=True)
class TimeLimits:
    """Seconds; None means no limit. `deadline` counts from the action's creation over all attempts."""

    queued: float | None = None
    run: float | None = None
    deadline: float | None = None

    @classmethod
    def of(cls, metadata: TaskMetadata) -> TimeLimits:
        """Return the limits of a task's metadata."""
        timeouts = metadata.timeouts
        return cls(
            queued=_duration(timeouts.queued_timeout.ToNanoseconds()),
            run=_duration(metadata.timeout.ToNanoseconds()),
            deadline=_duration(timeouts.deadline.ToNanoseconds()),
        )

    def queue_left(self, created: float) -> float | None:
        """Return the seconds that an action with this time of creation may still wait for a slot."""
        return _least(created, time.time(), self.queued, self.deadline)

    def run_left(self, details: ActionDetails) -> float | None:
        """Return the seconds that the current attempt may still run."""
        now = time.time()
        attempt = _least(seconds(details.attempts[-1].start_time), now, self.run)
        whole = _least(seconds(details.status.start_time), now, self.deadline)
        remaining = [left for left in (attempt, whole) if left is not None]
        return min(remaining) if remaining else None

    def queue_error(self) -> ErrorInfo:
        """Return the error of an action that did not begin in time."""
        limit = min(limit for limit in (self.queued, self.deadline) if limit is not None)
        return ErrorInfo(
            code="QueuedTimeout", message=f"the action did not begin within {limit:g} s", kind=ErrorInfo.KIND_USER
        )

    def run_error(self) -> ErrorInfo:
        """Return the error of an action that ran too long."""
        limit = min(limit for limit in (self.run, self.deadline) if limit is not None)
        return ErrorInfo(code="Timeout", message=f"the action ran longer than {limit:g} s", kind=ErrorInfo.KIND_USER)


def backoff(strategy: RetryStrategy, attempts: int) -> float:
    """Return seconds to wait after `attempts` failed attempts: base × factor^(attempts-1), at most the cap."""
    base: float = strategy.backoff.base.ToNanoseconds() / 1e9
    if not base:
        return 0.0
    factor = strategy.backoff.factor if strategy.backoff.HasField("factor") else 1.0
    cap: float = strategy.backoff.cap.ToNanoseconds() / 1e9
    try:
        wait: float = base * max(factor, 1.0) ** (attempts - 1)
    except OverflowError:
        wait = cap or base
    return min(wait, cap) if cap else wait


def _duration(nanoseconds: int) -> float | None:
    return nanoseconds / 1e9 if nanoseconds > 0 else None


def _least(since: float, now: float, *limits: float | None) -> float | None:
    declared = [limit for limit in limits if limit is not None]
    return max(0.0, since + min(declared) - now) if declared else None
