"""What actions print: one file an attempt, written by the process itself, so that no restart of the server loses it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

from flyteidl2.logs.dataplane.payload_pb2 import LogLine, LogLineOriginator
from flyteidl2.task.task_definition_pb2 import TaskSpec

from flyte_local.runs.phases import is_terminal
from flyte_local.runs.records import Records
from flyte_local.secrets.redaction import Mask, mask_of, run_workload
from flyte_local.state.context import Context
from flyte_local.state.notices import Notices
from flyte_local.state.shared import shared
from flyte_local.tasks.containers import container_of, option
from flyte_local.wire.times import stamp

LOG = "task.log"
_POLL = 0.3
_BLOCK = 1 << 16
_MAX_LINE = 1 << 16
# What Flyte's SDK says of itself ("[flyte] WARNING Flyte runtime started …"), coloured or not.
_BANNER = re.compile(r"(?:\x1b\[[0-9;]*m)*\[flyte\]")


async def tail(context: Context, key: str, attempt: int) -> AsyncIterator[list[LogLine]]:
    """Batches of lines of one attempt, from its first line on, until the attempt has ended."""
    records = shared(context, Records)
    path = records.attempt_folder(key, attempt) / LOG
    workload = run_workload(key.rpartition("/")[0])
    offset, rest = 0, b""
    with shared(context, Notices).subscribe(key) as changes:
        while True:
            # Looked at before reading: whatever was printed until the end is then read below.
            ended = _ended(records, key, attempt)
            # Masked as of now: what is read below was printed with what the run has been given by now.
            while block := _read(path, offset):
                mask = mask_of(context, workload)
                offset += len(block)
                *lines, rest = (rest + block).split(b"\n")
                if len(rest) > _MAX_LINE:
                    cut, rest = _cut(rest, mask)
                    lines = [*lines, cut]
                if lines:
                    yield _lines(path, lines, mask)
            if ended:
                if rest:
                    yield _lines(path, [rest], mask_of(context, workload))
                return
            await changes.changed(_POLL)


def last_lines(path: Path, count: int, *, own: bool = False) -> list[str]:
    """The last lines of a log that hold anything; with `own`, without those of Flyte's SDK."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            begin = max(0, file.tell() - _BLOCK)
            file.seek(begin)
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    if begin:
        # The end of a line says little, and may be the end of a secret, which no mask would recognise.
        text = text.partition("\n")[2].strip() or text
    return [line for line in text.splitlines() if line.strip() and not (own and _BANNER.match(line))][-count:]


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


def _cut(line: bytes, mask: Mask) -> tuple[bytes, bytes]:
    """An endless line in two, not in the middle of a secret: what may be the beginning of one stays in the second."""
    text = mask(line.decode(errors="surrogateescape"))
    end = max(0, len(text) - mask.longest)
    return text[:end].encode(errors="surrogateescape"), text[end:].encode(errors="surrogateescape")


def _lines(path: Path, lines: list[bytes], mask: Mask) -> list[LogLine]:
    # The file carries no times of its own; its last change is the closest that is known.
    at = stamp(path.stat().st_mtime)
    return [
        LogLine(timestamp=at, message=mask(line.decode(errors="replace")) + "\n", originator=LogLineOriginator.USER)
        for line in lines
    ]
