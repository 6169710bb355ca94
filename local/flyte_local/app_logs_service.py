"""flyteidl2.app.AppLogsService: what an app's processes wrote."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from connectrpc.request import RequestContext
from flyteidl2.app.app_logs_payload_pb2 import (
    LogLines,
    LogLinesBatch,
    ReplicaIdentifierList,
    TailLogsRequest,
    TailLogsResponse,
)
from flyteidl2.app.replica_definition_pb2 import ReplicaIdentifier
from flyteidl2.logs.dataplane.payload_pb2 import LIVE_ONLY, PERSISTED_ONLY, USER, LogLine

from flyte_local.app_key import AppKey
from flyte_local.app_logs import AppLogs, Line
from flyte_local.app_state import ManagedApp
from flyte_local.context import Context
from flyte_local.redaction import app_workload, mask_of
from flyte_local.supervisor import Supervisor

BACKLOG = 1000
_POLL_SECONDS = 0.3


class AppLogsService:
    """Log lines of the latest revision; one replica a revision, named after its number."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._supervisor = context.find(Supervisor)

    async def tail_logs(
        self, request: TailLogsRequest, ctx: RequestContext[Any, Any]
    ) -> AsyncIterator[TailLogsResponse]:
        """The last lines, then new ones for as long as the app runs; PERSISTED_ONLY ends after the first."""
        by_replica = request.WhichOneof("target") == "replica_id"
        key = AppKey.of(request.replica_id.app_id if by_replica else request.app_id)
        app = self._supervisor.find(key)
        logs = AppLogs(self._context.home.app(key.project, key.domain, key.name) / "logs")
        if app is None:
            raise ConnectError(Code.NOT_FOUND, f"no app {key} on this server")
        number = _revision(request.replica_id.name, logs) if by_replica else _latest(app, logs)
        started = app.record.created_at
        replica = ReplicaIdentifier(app_id=key.identifier, name=str(number))
        yield TailLogsResponse(replicas=ReplicaIdentifierList(replicas=[replica]))
        lines, position = self._read(key, logs, number, 0, request.source == PERSISTED_ONLY)
        if request.source != LIVE_ONLY and lines:
            yield _response(replica, lines[-BACKLOG:], number, started)
        while request.source != PERSISTED_ONLY and self._runs(key, number, by_replica, logs):
            await asyncio.sleep(_POLL_SECONDS)
            lines, position = self._read(key, logs, number, position, False)
            if lines:
                yield _response(replica, lines, number, started)

    def _read(self, key: AppKey, logs: AppLogs, number: int, position: int, partial: bool) -> tuple[list[Line], int]:
        lines, position = logs.read(number, position, partial=partial)
        mask = mask_of(self._context, app_workload(key))
        return [Line(line.position, mask(line.text)) for line in lines], position

    def _runs(self, key: AppKey, number: int, by_replica: bool, logs: AppLogs) -> bool:
        app = self._supervisor.find(key)
        if app is None or app.record.stopped:
            return False
        # The stream ends with its revision, as Flyte's does; a client that follows the app connects again.
        return by_replica or _latest(app, logs) == number


def _latest(app: ManagedApp, logs: AppLogs) -> int:
    found = logs.revisions()
    return found[-1] if found else app.record.latest


def _revision(name: str, logs: AppLogs) -> int:
    if not name.isdecimal() or int(name) not in logs.revisions():
        raise ConnectError(Code.NOT_FOUND, f"no replica {name!r}: replicas are named {logs.revisions()}")
    return int(name)


def _response(replica: ReplicaIdentifier, lines: Sequence[Line], number: int, started: float) -> TailLogsResponse:
    structured = [_line(line, number, started) for line in lines]
    raw = [line.text for line in lines]
    batch = LogLines(lines=raw, replica_id=replica, structured_lines=structured)
    return TailLogsResponse(batches=LogLinesBatch(logs=[batch]))


def _line(line: Line, number: int, started: float) -> LogLine:
    # The process writes its file itself, so nobody knows when a line was written. Clients use times to recognise
    # lines that they have seen: these grow from line to line and are the same each time one is sent.
    entry = LogLine(message=line.text, originator=USER)
    entry.timestamp.FromNanoseconds(int(started * 1e9) + number * 10**9 + line.position)
    return entry
