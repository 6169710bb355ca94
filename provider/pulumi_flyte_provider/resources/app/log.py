"""The log of an app, from AppLogsService.

In Flyte OSS (flyteorg/flyte `app/`), it is the log of the newest revision that has become ready. Before a revision has
become ready, it is the log of the revision that starts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from connectrpc.errors import ConnectError
from flyteidl2.app import app_definition_pb2 as pb
from flyteidl2.app.app_logs_payload_pb2 import LogLines, TailLogsRequest, TailLogsResponse

from pulumi_flyte_provider.flyte_api.connection import Connection

LAST_LINES = 20
TAIL_SECONDS = 3.0


def last_lines(connection: Connection, identifier: pb.Identifier) -> list[str]:
    """Return the last lines of the app's log. The list is empty if the platform returns no log."""
    lines: list[str] = []
    started = time.monotonic()
    try:
        for response in tail(connection, identifier, TAIL_SECONDS):
            lines.extend(text for group in groups(response) for _, text in stamped_lines(group))
            if time.monotonic() - started > TAIL_SECONDS:
                break
    except ConnectError:
        pass  # the deadline ends the stream of a live log
    return lines[-LAST_LINES:]


def tail(connection: Connection, identifier: pb.Identifier, seconds: float) -> Iterator[TailLogsResponse]:
    """Yield the log from its beginning, for some seconds. Raises ConnectError at the end of a live log."""
    request, limit = TailLogsRequest(app_id=identifier), int(seconds * 1000)
    yield from connection.app_logs.tail_logs(request, headers=connection.headers, timeout_ms=limit)


def groups(response: TailLogsResponse) -> Iterator[LogLines]:
    """Yield the lines of a response for each replica."""
    kind = response.WhichOneof("resp")
    if kind == "batches":
        yield from response.batches.logs
    elif kind == "log_lines":
        yield LogLines(lines=response.log_lines.lines, structured_lines=response.log_lines.structured_lines)


def stamped_lines(group: LogLines) -> list[tuple[str, str]]:
    """Return each line with its time, which is empty if the platform sends no times."""
    if group.structured_lines:
        return [
            (line.timestamp.ToJsonString() if line.HasField("timestamp") else "", line.message.rstrip("\n"))
            for line in group.structured_lines
        ]
    return [("", line.rstrip("\n")) for line in group.lines]
