"""Waiting for an app: until the platform says it is active, with the reason and its last log lines if it never is.

Facts about Flyte OSS (flyteorg/flyte `app/`): Get answers from a cache, up to 30 seconds old, and Watch begins with
what is; the conditions are Knative's, in the order of their names and each with its own time; a stopped app shows none
of them; the log is that of the newest revision that became ready, and before one did, of the one that starts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from connectrpc.errors import ConnectError
from flyteidl2.app import app_definition_pb2 as pb
from flyteidl2.app.app_logs_payload_pb2 import TailLogsRequest
from flyteidl2.app.app_payload_pb2 import GetRequest, WatchRequest, WatchResponse
from pulumi_flyte.errors import reason_of

from pulumi_flyte_provider.errors import NotReadyError
from pulumi_flyte_provider.resources.app.start_log import StartLog, groups, stamped_lines
from pulumi_flyte_provider.resources.resource import Call, Deadline

DEFAULT_TIMEOUT = 300.0
START_MARGIN = 30.0
LOG_LINES = 20
LOG_SECONDS = 3.0
HEALTH_ATTEMPTS = 3
HEALTH_SECONDS = 10.0
STALE_SECONDS = 5.0
LOOK_SECONDS = 5.0
LEAST_SECONDS = 0.5
Status = pb.Status


@dataclass(frozen=True)
class Snapshot:
    """An app's condition before we changed it: until the platform has looked again, its status is still that one."""

    condition: pb.Condition | None = None

    @classmethod
    def of(cls, app: pb.App | None) -> Snapshot:
        """None: there was no app."""
        return cls() if app is None else cls(verdict(app))

    @property
    def failed(self) -> bool:
        """Whether the app had failed."""
        return self.condition is not None and self.condition.deployment_status == Status.DEPLOYMENT_STATUS_FAILED

    @property
    def served(self) -> bool:
        """Whether the app was active: then that revision serves until the new one does."""
        return self.condition is not None and self.condition.deployment_status == Status.DEPLOYMENT_STATUS_ACTIVE

    @property
    def stopped(self) -> bool:
        """Whether the app was stopped: then the first condition after its start is as old as the stop."""
        return self.condition is not None and self.condition.deployment_status == Status.DEPLOYMENT_STATUS_STOPPED

    def is_still(self, condition: pb.Condition, waited: float) -> bool:
        """Whether a condition is the old one, seen again before the platform reacted."""
        return self.condition == condition and waited < STALE_SECONDS


def time_limit(health_timeout: float | None) -> float:
    """Seconds to wait where no customTimeouts say it: never less than the app was promised for its start."""
    return max(DEFAULT_TIMEOUT, (health_timeout or 0.0) + START_MARGIN)


def wait_until_active(call: Call, identifier: pb.Identifier, deadline: Deadline, before: Snapshot) -> pb.App:
    """The app as soon as it is active. Raises NotReadyError with the reason and the last log lines.

    What it logs meanwhile is shown, and a start that fails again and again is not waited for. Of an app that serves,
    the log is that of the revision before; then the platform's word alone counts.
    """
    pause = 0.1
    started = time.monotonic()
    plane = call.connection.control_plane
    served = before.served and not plane.supervises_apps
    start_log = None if plane.supervises_apps or served else StartLog(call, identifier)
    app = pb.App()
    while True:
        condition = pb.Condition()
        for app in states(call, identifier, min(LOOK_SECONDS, deadline.remaining)):
            condition = verdict(app)
            if before.stopped:
                before = Snapshot(condition)
            if before.is_still(condition, time.monotonic() - started) and not plane.settles_at_once:
                continue
            if condition.deployment_status == Status.DEPLOYMENT_STATUS_ACTIVE:
                return app
            if condition.deployment_status == Status.DEPLOYMENT_STATUS_FAILED:
                reason = condition.message or "no reason given"
                raise NotReadyError(_with_logs(call, identifier, f"the app failed: {reason}", served))
        hopeless = None
        if start_log is not None:
            start_log.look()
            hopeless = start_log.hopeless(app.spec.container.image)
        if hopeless is not None:
            raise NotReadyError(_with_logs(call, identifier, hopeless))
        if deadline.passed:
            seen = condition.message or _in_words(condition.deployment_status)
            summary = f"the app is not ready within {deadline.seconds:g} s ({seen}); customTimeouts gives it longer"
            raise NotReadyError(_with_logs(call, identifier, summary, served))
        call.wait(pause)
        pause = min(pause * 1.5, 2.0)


def _in_words(state: int) -> str:
    if state == Status.DEPLOYMENT_STATUS_UNSPECIFIED:
        return "the platform says nothing about it: does Knative Serving run in its cluster?"
    return str(Status.DeploymentStatus.Name(state)).removeprefix("DEPLOYMENT_STATUS_").lower()


def look(call: Call, identifier: pb.Identifier) -> pb.App:
    """The app as it is now."""
    return next(states(call, identifier, LOOK_SECONDS))


def states(call: Call, identifier: pb.Identifier, seconds: float) -> Iterator[pb.App]:
    """The app as it is now, and then whenever it changes, for so many seconds. Where the platform has no Watch, or is
    silent, what Get says has to do."""
    connection = call.connection
    silent = True
    if not connection.control_plane.settles_at_once:
        request, limit = WatchRequest(app_id=identifier), int(max(seconds, LEAST_SECONDS) * 1000)
        try:
            for event in connection.apps.watch(request, headers=connection.headers, timeout_ms=limit):
                app = _of_event(event)
                if app is not None and _same(app.metadata.id, identifier):
                    silent = False
                    yield app
        except ConnectError:
            pass
    if silent:
        what = f"looking at the app {identifier.project}/{identifier.domain}/{identifier.name}"
        yield connection.call(connection.apps.get, GetRequest(app_id=identifier), what=what).app


def _same(found: pb.Identifier, wanted: pb.Identifier) -> bool:
    # Events of namesakes in other projects come along; the organisation is the platform's affair.
    return (found.project, found.domain, found.name) == (wanted.project, wanted.domain, wanted.name)


def _of_event(event: WatchResponse) -> pb.App | None:
    kind = event.WhichOneof("event")
    if kind == "create_event":
        return event.create_event.app
    return event.update_event.updated_app if kind == "update_event" else None


def wait_until_healthy(call: Call, identifier: pb.Identifier, url: str, path: str, deadline: Deadline) -> None:
    """The health path must answer, on platforms that do not look themselves. A URL to which this machine gets no
    connection, several times in a row (a private ingress), says nothing about the app: then the platform's word counts.
    Whoever accepts a connection and does not answer is the app."""
    import httpx

    unreachable = 0
    while True:
        limit = min(HEALTH_SECONDS, max(1.0, deadline.remaining))
        try:
            status = httpx.get(f"{url.rstrip('/')}{path}", timeout=limit).status_code
            if status < 400 or status in (401, 403):
                return
            unreachable, seen = 0, f"HTTP {status}"
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
            call.warn(f"the app's public URL {url!r} is not one that can be asked: its health path was not looked at")
            return
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            unreachable, seen = unreachable + 1, reason_of(error)
            if unreachable >= HEALTH_ATTEMPTS:
                return
        except httpx.RequestError as error:
            unreachable, seen = 0, reason_of(error)
        if deadline.passed:
            summary = f"{path} does not answer well within {deadline.seconds:g} s (last: {seen})"
            raise NotReadyError(_with_logs(call, identifier, summary))
        call.wait(1.0)


def is_stopped(app: pb.App) -> bool:
    """Whether the platform has stopped the app: only the status says so (flyteorg/flyte keeps the spec as deployed)."""
    return bool(verdict(app).deployment_status == Status.DEPLOYMENT_STATUS_STOPPED)


def verdict(app: pb.App) -> pb.Condition:
    """The newest condition: it need not be the last one. Of several at a time a failure says most."""

    def weight(item: tuple[int, pb.Condition]) -> tuple[int, bool, int]:
        index, condition = item
        failed = condition.deployment_status == Status.DEPLOYMENT_STATUS_FAILED
        return condition.last_transition_time.ToNanoseconds(), failed, index

    return max(enumerate(app.status.conditions), key=weight, default=(0, pb.Condition()))[1]


def _with_logs(call: Call, identifier: pb.Identifier, summary: str, served: bool = False) -> str:
    lines = last_log_lines(call, identifier)
    if not lines:
        return f"{summary}; it logged nothing"
    block = "\n".join(f"    {line}" for line in lines)
    whose = "the last log lines, which may be those of the revision before" if served else "its last log lines"
    return f"{summary}; {whose}:\n{block}"


def last_log_lines(call: Call, identifier: pb.Identifier) -> list[str]:
    """The end of the app's log; empty where the platform has none to give."""
    connection = call.connection
    lines: list[str] = []
    started = time.monotonic()
    try:
        stream = connection.app_logs.tail_logs(
            TailLogsRequest(app_id=identifier), headers=connection.headers, timeout_ms=int(LOG_SECONDS * 1000)
        )
        for response in stream:
            lines.extend(text for group in groups(response) for _, text in stamped_lines(group))
            if time.monotonic() - started > LOG_SECONDS:
                break
    except ConnectError:
        pass  # A live tail ends by its deadline.
    return lines[-LOG_LINES:]
