"""The output of actions: one file for each attempt. The process writes the file itself, so no restart loses a line."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

from flyteidl2.logs.dataplane.payload_pb2 import LogLine, LogLineOriginator

from flyte_local.runs.phases import is_terminal
from flyte_local.runs.records import Records
from flyte_local.secrets.redaction import Mask, mask_of, run_workload
from flyte_local.secrets.vault import Vault
from flyte_local.state.notices import Notices
from flyte_local.wire.times import stamp

LOG = "task.log"
_POLL = 0.3
_BLOCK = 1 << 16
_MAX_LINE = 1 << 16
# Lines of Flyte's SDK itself ("[flyte] WARNING Flyte runtime started …"), coloured or not.
_BANNER = re.compile(r"(?:\x1b\[[0-9;]*m)*\[flyte\]")


class ActionLogs:
    """The logs of actions as streams, without the values of secrets."""

    def __init__(self, records: Records, notices: Notices, vault: Vault) -> None:
        self._records = records
        self._notices = notices
        self._vault = vault

    async def tail(self, key: str, attempt: int) -> AsyncIterator[list[LogLine]]:
        """Yield batches of lines of one attempt, from its first line on, until the attempt has ended."""
        path = self._records.attempt_folder(key, attempt) / LOG
        workload = run_workload(key.rpartition("/")[0])
        offset, unfinished = 0, b""
        with self._notices.subscribe(key) as changes:
            while True:
                # Checked before reading, so that everything that was printed before the end is read below.
                ended = has_ended(self._records, key, attempt)
                while block := read_block(path, offset, _BLOCK):
                    # Made after reading, so that it covers every secret that the run had when it printed the block.
                    mask = mask_of(self._vault, workload)
                    offset += len(block)
                    *lines, unfinished = (unfinished + block).split(b"\n")
                    if len(unfinished) > _MAX_LINE:
                        cut, unfinished = _cut(unfinished, mask)
                        lines = [*lines, cut]
                    if lines:
                        yield _lines(path, lines, mask)
                if ended:
                    if unfinished:
                        yield _lines(path, [unfinished], mask_of(self._vault, workload))
                    return
                await changes.changed(_POLL)


def last_lines(path: Path, count: int) -> list[str]:
    """Return the last lines of a log, without empty ones and those of Flyte's SDK itself."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            begin = max(0, file.tell() - _BLOCK)
            file.seek(begin)
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    if begin:
        # The end of a line may be the end of a secret, which the mask would not recognise.
        text = text.partition("\n")[2].strip() or text
    return [line for line in text.splitlines() if line.strip() and not _BANNER.match(line)][-count:]


def has_ended(records: Records, key: str, attempt: int) -> bool:
    """Check whether an attempt of an action is over."""
    details = records.action(key)
    return details is None or is_terminal(details) or len(details.attempts) > attempt


def read_block(path: Path, offset: int, size: int) -> bytes:
    """Return the bytes of a log from an offset on. There are none if the file does not exist."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(size)
    except OSError:
        return b""


def _cut(line: bytes, mask: Mask) -> tuple[bytes, bytes]:
    """Split an endless line, but not within a secret: a possible beginning of a secret stays in the second part."""
    text = mask(line.decode(errors="surrogateescape"))
    end = max(0, len(text) - mask.longest)
    return text[:end].encode(errors="surrogateescape"), text[end:].encode(errors="surrogateescape")


def _lines(path: Path, lines: list[bytes], mask: Mask) -> list[LogLine]:
    # The file has no times of lines. Its last change is the closest known time.
    at = stamp(path.stat().st_mtime)
    return [
        LogLine(timestamp=at, message=mask(line.decode(errors="replace")) + "\n", originator=LogLineOriginator.USER)
        for line in lines
    ]
