"""Waiting for an app: until the platform says it is active, with the reason and its last log lines if it never is."""

from __future__ import annotations

import time
from dataclasses import dataclass

from connectrpc.errors import ConnectError
from flyteidl2.app import app_definition_pb2 as pb
from flyteidl2.app.app_logs_payload_pb2 import TailLogsRequest, TailLogsResponse
from flyteidl2.app.app_payload_pb2 import GetRequest

from pulumi_flyte_provider.errors import NotReadyError
from pulumi_flyte_provider.resources.resource import Call, Deadline

DEFAULT_TIMEOUT = 300.0
START_MARGIN = 30.0
LOG_LINES = 20
LOG_SECONDS = 3.0
HEALTH_ATTEMPTS = 3
HEALTH_SECONDS = 10.0
STALE_SECONDS = 5.0
Status = pb.Status


@dataclass(frozen=True)
class Snapshot:
    """An app's condition before we changed it: until the platform has looked again, its status is still that one."""

    condition: pb.Condition | None = None

    @classmethod
    def of(cls, app: pb.App | None) -> Snapshot:
        """None: there was no app."""
        return cls() if app is None else cls(_last(app))

    @property
    def failed(self) -> bool:
        """Whether the app had failed."""
        return self.condition is not None and self.condition.deployment_status == Status.DEPLOYMENT_STATUS_FAILED

    def is_still(self, condition: pb.Condition, waited: float) -> bool:
        """Whether a condition is the old one, seen again before the platform reacted."""
        return self.condition == condition and waited < STALE_SECONDS


def time_limit(health_timeout: float | None) -> float:
    """Seconds to wait where no customTimeouts say it: never less than the app was promised for its start."""
    return max(DEFAULT_TIMEOUT, (health_timeout or 0.0) + START_MARGIN)


def wait_until_active(call: Call, identifier: pb.Identifier, deadline: Deadline, before: Snapshot) -> pb.App:
    """The app as soon as it is active. Raises NotReadyError with the reason and the last log lines."""
    pause = 0.1
    started = time.monotonic()
    local = call.connection.config.platform == "local"
    what = f"looking at the app {identifier.project}/{identifier.domain}/{identifier.name}"
    while True:
        request = GetRequest(app_id=identifier)
        app = call.connection.call(call.connection.apps.get, request, what=what).app
        condition = _last(app)
        state = condition.deployment_status
        # The local server decides at once; elsewhere a controller does, a moment later.
        stale = before.is_still(condition, time.monotonic() - started) and not local
        if state == Status.DEPLOYMENT_STATUS_ACTIVE and not stale:
            return app
        if state == Status.DEPLOYMENT_STATUS_FAILED and not stale:
            reason = condition.message or "no reason given"
            raise NotReadyError(_with_logs(call, identifier, f"the app failed: {reason}"))
        if deadline.passed:
            seen = condition.message or Status.DeploymentStatus.Name(state).removeprefix("DEPLOYMENT_STATUS_").lower()
            summary = f"the app is not ready within {deadline.seconds:g} s ({seen}); customTimeouts gives it longer"
            raise NotReadyError(_with_logs(call, identifier, summary))
        call.wait(pause)
        pause = min(pause * 1.5, 2.0)


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
            unreachable, seen = unreachable + 1, str(error)
            if unreachable >= HEALTH_ATTEMPTS:
                return
        except httpx.RequestError as error:
            unreachable, seen = 0, str(error) or type(error).__name__
        if deadline.passed:
            summary = f"{path} does not answer well within {deadline.seconds:g} s (last: {seen})"
            raise NotReadyError(_with_logs(call, identifier, summary))
        call.wait(1.0)


def is_stopped(app: pb.App) -> bool:
    """Whether the platform has stopped the app: only the status says so (flyteorg/flyte keeps the spec as deployed)."""
    return bool(_last(app).deployment_status == Status.DEPLOYMENT_STATUS_STOPPED)


def _last(app: pb.App) -> pb.Condition:
    return app.status.conditions[-1] if app.status.conditions else pb.Condition()


def _with_logs(call: Call, identifier: pb.Identifier, summary: str) -> str:
    lines = last_log_lines(call, identifier)
    if not lines:
        return f"{summary}; it logged nothing"
    block = "\n".join(f"    {line}" for line in lines)
    return f"{summary}; its last log lines:\n{block}"


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
            lines.extend(_lines(response))
            if time.monotonic() - started > LOG_SECONDS:
                break
    except ConnectError:
        pass  # A live tail ends by its deadline.
    return [line.rstrip("\n") for line in lines][-LOG_LINES:]


def _lines(response: TailLogsResponse) -> list[str]:
    kind = response.WhichOneof("resp")
    groups = list(response.batches.logs) if kind == "batches" else [response.log_lines] if kind == "log_lines" else []
    return [
        text for group in groups for text in ([line.message for line in group.structured_lines] or list(group.lines))
    ]
