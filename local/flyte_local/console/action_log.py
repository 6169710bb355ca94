"""The log of one attempt of an action, in the console."""

from __future__ import annotations

import os
from collections.abc import Mapping

from flyte_local.composition import Parts
from flyte_local.console.logs import Piece
from flyte_local.runs.logs import LOG, has_ended, read_block
from flyte_local.runs.phases import phase_name
from flyte_local.secrets.redaction import Mask, mask_of, run_workload

_BLOCK = 1 << 20
_TAIL = 1 << 16
_WHOLE = 16 << 20


class ActionLog:
    """The log of an attempt. A position is an offset in its file. `key` is the action's."""

    def __init__(self, parts: Parts, key: str, attempt: int) -> None:
        self._parts = parts
        self._records = parts.records
        self._key = key
        self._attempt = attempt
        self._path = self._records.attempt_folder(key, attempt) / LOG

    def end(self) -> Piece:
        """Return the last lines."""
        begin, block = self._tail(_TAIL)
        return self._piece(block, begin)

    def after(self, position: str) -> Piece:
        """Return the lines after a position."""
        begin = int(position) if position.isdecimal() and len(position) < 20 else 0
        return self._piece(read_block(self._path, begin, _BLOCK), begin)

    def whole(self) -> str:
        """Return the log, or the last 16 MiB of a very long one."""
        _, block = self._tail(_WHOLE)
        return self._mask()(block.decode(errors="replace"))

    def ended(self) -> bool:
        """Return whether the attempt is over."""
        return has_ended(self._records, self._key, self._attempt)

    def status(self) -> Mapping[str, str]:
        """Return the action's phase."""
        details = self._records.action(self._key)
        return {"phase": phase_name(details.status.phase).replace("_", " ")} if details is not None else {}

    def _piece(self, block: bytes, begin: int) -> Piece:
        """Return the whole lines of a block, and its last line if the log has ended."""
        whole = len(block) if self.ended() else block.rfind(b"\n") + 1
        if whole == 0 and len(block) == _BLOCK:
            return Piece([f"(a line of more than {_BLOCK} bytes)"], str(begin + _BLOCK))
        mask = self._mask()
        lines = block[:whole].decode(errors="replace").split("\n")
        return Piece([mask(line) for line in (lines if lines[-1] else lines[:-1])], str(begin + whole))

    def _tail(self, size: int) -> tuple[int, bytes]:
        """Return the end of the log, from the beginning of a line on, and its offset."""
        try:
            begin = max(0, os.stat(self._path).st_size - size)
        except OSError:
            return 0, b""
        block = read_block(self._path, begin, size)
        # The end of a line may be the end of a secret, which the mask would not recognise.
        first = block.find(b"\n") + 1 if begin else 0
        return begin + first, block[first:]

    def _mask(self) -> Mask:
        return mask_of(self._parts.vault, run_workload(self._key.rpartition("/")[0]))
