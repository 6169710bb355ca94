"""flyteidl2.app.AppLogsService: the log lines of apps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from flyteidl2.app.app_logs_payload_pb2 import (
    LogLines,
    LogLinesBatch,
    ReplicaIdentifierList,
    TailLogsRequest,
    TailLogsResponse,
)
from flyteidl2.app.replica_definition_pb2 import ReplicaIdentifier
from flyteidl2.logs.dataplane.payload_pb2 import LIVE_ONLY, PERSISTED_ONLY, USER, LogLine

from flyte_local.api.call import Call
from flyte_local.apps.app import ManagedApp
from flyte_local.apps.logs import AppLogs, Line
from flyte_local.apps.revision_record import replica_label
from flyte_local.apps.supervisor import Supervisor
from flyte_local.home import Home
from flyte_local.secrets.redaction import app_workload, mask_of
from flyte_local.secrets.vault import Vault
from flyte_local.wire.app_key import AppKey
from flyte_local.wire.identifiers import not_found

BACKLOG = 1000
_POLL_SECONDS = 0.3


class AppLogsService:
    """The log lines of the latest revision's replicas. The replicas of revision 3 have the names `3`, `3-2`, `3-3` …"""

    def __init__(self, home: Home, supervisor: Supervisor, vault: Vault) -> None:
        self._home = home
        self._supervisor = supervisor
        self._vault = vault

    async def tail_logs(self, request: TailLogsRequest, ctx: Call) -> AsyncIterator[TailLogsResponse]:
        """Yield the last lines, and then new ones as long as the app runs. PERSISTED_ONLY ends after the last lines."""
        by_replica = request.WhichOneof("target") == "replica_id"
        key = AppKey.of(request.replica_id.app_id if by_replica else request.app_id)
        app = self._supervisor.existing(key)
        logs = AppLogs.of(self._home, key)
        if by_replica:
            number, only = _named(request.replica_id.name, logs)
        else:
            number, only = _latest(app, logs), None
        started = app.record.created_at
        positions: dict[int, int] = {}
        while True:
            replicas = [only] if only is not None else logs.replicas(number) or [1]
            if any(replica not in positions for replica in replicas):
                identifiers = [_replica(key, number, replica) for replica in replicas]
                yield TailLogsResponse(replicas=ReplicaIdentifierList(replicas=identifiers))
            first = not positions
            for replica in replicas:
                before = positions.get(replica, 0)
                partial = first and request.source == PERSISTED_ONLY
                lines, positions[replica] = logs.read(number, before, replica, partial=partial)
                if first:
                    lines = [] if request.source == LIVE_ONLY else lines[-BACKLOG:]
                if lines:
                    yield _response(_replica(key, number, replica), self._masked(key, lines), number, started)
            if request.source == PERSISTED_ONLY or not self._runs(key, number, by_replica, logs):
                return
            await asyncio.sleep(_POLL_SECONDS)

    def _masked(self, key: AppKey, lines: Sequence[Line]) -> list[Line]:
        mask = mask_of(self._vault, app_workload(key))
        return [Line(line.position, mask(line.text)) for line in lines]

    def _runs(self, key: AppKey, number: int, by_replica: bool, logs: AppLogs) -> bool:
        app = self._supervisor.find(key)
        if app is None or app.record.stopped:
            return False
        # The stream ends with its revision, as in Flyte. A client that follows the app connects again.
        return by_replica or _latest(app, logs) == number


def _latest(app: ManagedApp, logs: AppLogs) -> int:
    revisions = logs.revisions()
    return revisions[-1] if revisions else app.record.latest


def _named(name: str, logs: AppLogs) -> tuple[int, int]:
    """Return revision and replica for the name of a replica. Raises NOT_FOUND if it does not exist."""
    there = [(revision, replica) for revision in logs.revisions() for replica in logs.replicas(revision)]
    names = {replica_label(*pair): pair for pair in there}
    if name not in names:
        raise not_found(f"no replica {name!r}: replicas are named {list(names)}")
    return names[name]


def _replica(key: AppKey, revision: int, replica: int) -> ReplicaIdentifier:
    return ReplicaIdentifier(app_id=key.identifier, name=replica_label(revision, replica))


def _response(replica: ReplicaIdentifier, lines: Sequence[Line], number: int, started: float) -> TailLogsResponse:
    structured = [_line(line, number, started) for line in lines]
    raw = [line.text for line in lines]
    batch = LogLines(lines=raw, replica_id=replica, structured_lines=structured)
    return TailLogsResponse(batches=LogLinesBatch(logs=[batch]))


def _line(line: Line, number: int, started: float) -> LogLine:
    # The process writes its file itself, so the time of a line is not known. Clients recognise lines by their times, so
    # these artificial times grow from line to line, and a line always gets the same one.
    entry = LogLine(message=line.text, originator=USER)
    entry.timestamp.FromNanoseconds(int(started * 1e9) + number * 10**9 + line.position)
    return entry
