"""Waits until the platform says that an app is active. Otherwise the error has the reason and the last log lines."""

from __future__ import annotations

import time

from flyteidl2.app import app_definition_pb2 as pb

from pulumi_flyte_provider.errors import NotReadyError
from pulumi_flyte_provider.resources.app import calls, log
from pulumi_flyte_provider.resources.app.deadline import Deadline
from pulumi_flyte_provider.resources.app.start_log import StartLog
from pulumi_flyte_provider.resources.app.status import Snapshot, Status, in_words, verdict
from pulumi_flyte_provider.resources.operation import Operation

DEFAULT_TIMEOUT = 300.0
START_MARGIN = 30.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0


def time_limit(health_timeout: float | None) -> float:
    """Return the seconds to wait without customTimeouts. They are never less than the time for the app's start."""
    return max(DEFAULT_TIMEOUT, (health_timeout or 0.0) + START_MARGIN)


def wait_until_active(operation: Operation, identifier: pb.Identifier, deadline: Deadline, before: Snapshot) -> pb.App:
    """Return the app as soon as it is active. Raise NotReadyError with the reason and the last log lines.

    Meanwhile, show the log of the app, and stop waiting if its start fails again and again. For an app that already
    serves, the log is that of the old revision, so only the platform's status is used.
    """
    connection, plane = operation.connection, operation.control_plane
    pause = FIRST_PAUSE
    started = time.monotonic()
    served = before.served and not plane.supervises_apps
    start_log = None if plane.supervises_apps or served else StartLog(operation, identifier)
    app = pb.App()
    while True:
        condition = pb.Condition()
        for app in calls.states(connection, identifier, min(calls.LOOK_SECONDS, deadline.remaining)):
            condition = verdict(app)
            if before.stopped:
                before = Snapshot(condition)
            if before.is_still(condition, time.monotonic() - started) and not plane.settles_at_once:
                continue
            if condition.deployment_status == Status.DEPLOYMENT_STATUS_ACTIVE:
                return app
            if condition.deployment_status == Status.DEPLOYMENT_STATUS_FAILED:
                reason = condition.message or "no reason given"
                raise failure(operation, identifier, f"the app failed: {reason}", served)
        if start_log is not None:
            start_log.look()
            hopeless = start_log.hopeless(app.spec.container.image)
            if hopeless is not None:
                raise failure(operation, identifier, hopeless)
        if deadline.passed:
            last = condition.message or in_words(condition.deployment_status)
            summary = f"the app is not ready within {deadline.seconds:g} s ({last}); customTimeouts gives it longer"
            raise failure(operation, identifier, summary, served)
        operation.wait(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def failure(operation: Operation, identifier: pb.Identifier, summary: str, served: bool = False) -> NotReadyError:
    """Return the error about an app that does not work, with the end of its log.

    served: True if the log may be that of the old revision.
    """
    lines = log.last_lines(operation.connection, identifier)
    if not lines:
        return NotReadyError(f"{summary}; it logged nothing")
    block = "\n".join(f"    {line}" for line in lines)
    whose = "the last log lines, which may be those of the revision before" if served else "its last log lines"
    return NotReadyError(f"{summary}; {whose}:\n{block}")
