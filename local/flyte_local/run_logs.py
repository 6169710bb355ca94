"""What actions print: one file an attempt, written by the process itself, so that no restart of the server loses it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from flyteidl2.logs.dataplane.payload_pb2 import LogLine, LogLineOriginator
from flyteidl2.task.task_definition_pb2 import TaskSpec

from flyte_local.containers import container_of, option
from flyte_local.context import Context
from flyte_local.notices import Notices
from flyte_local.phases import is_terminal, stamp
from flyte_local.records import Records
from flyte_local.shared import shared

LOG = "task.log"
_POLL = 0.3
_BLOCK = 1 << 16
_MAX_LINE = 1 << 16


async def tail(context: Context, key: str, attempt: int) -> AsyncIterator[list[LogLine]]:
    """Batches of lines of one attempt, from its first line on, until the attempt has ended."""
    records = shared(context, Records)
    path = records.attempt_folder(key, attempt) / LOG
    offset, rest = 0, b""
    with shared(context, Notices).subscribe(key) as changes:
        while True:
            # Looked at before reading: whatever was printed until the end is then read below.
            ended = _ended(records, key, attempt)
            while block := _read(path, offset):
                offset += len(block)
                *lines, rest = (rest + block).split(b"\n")
                if len(rest) > _MAX_LINE:
                    lines, rest = [*lines, rest], b""
                if lines:
                    yield _lines(path, lines)
            if ended:
                if rest:
                    yield _lines(path, [rest])
                return
            await changes.changed(_POLL)


def last_lines(path: Path, count: int) -> list[str]:
    """The last lines of a log that hold anything."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _BLOCK))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip()][-count:]


def bundle_argument(spec: TaskSpec) -> str:
    """The URI of a task's code bundle, '' where it has none."""
    return option(container_of(spec.task_template), "--tgz", "--pkl") or ""


def _ended(records: Records, key: str, attempt: int) -> bool:
    details = records.action(key)
    return details is None or is_terminal(details) or len(details.attempts) > attempt


def _read(path: Path, offset: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(_BLOCK)
    except OSError:
        return b""


def _lines(path: Path, lines: list[bytes]) -> list[LogLine]:
    # The file carries no times of its own; its last change is the closest that is known.
    at = stamp(path.stat().st_mtime)
    return [
        LogLine(timestamp=at, message=line.decode(errors="replace") + "\n", originator=LogLineOriginator.USER)
        for line in lines
    ]
