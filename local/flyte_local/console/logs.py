"""Logs in the console: their end on a page, the whole as plain text, and live as server-sent events.

Only whole lines leave the server, so that no secret is cut in two, where its mask would not recognise it. A position is
a text that a log returns with its lines, and takes to continue after them. It is the id of events.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Protocol

from flyte_local.console.log_lines import LogLine, log_line

_TAIL_BYTES = 12_000
_TAIL_LINES = 200
_EVENT_LINES = 500
_POLL_SECONDS = 0.5
_BEAT_SECONDS = 15.0


@dataclass(frozen=True)
class Piece:
    """Whole lines, masked, and the position after them."""

    lines: Sequence[str]
    position: str


@dataclass(frozen=True)
class LogView:
    """The end of a log. `live` is the address of its events, or '' if it has ended."""

    lines: Sequence[LogLine]
    position: str
    live: str
    whole: str


class Log(Protocol):
    """A log that may still grow."""

    def end(self) -> Piece:
        """Return the last lines."""

    def after(self, position: str) -> Piece:
        """Return the lines after a position. An invalid position is the beginning."""

    def whole(self) -> str:
        """Return the whole log, masked."""

    def ended(self) -> bool:
        """Return whether no line can follow."""

    def status(self) -> Mapping[str, str]:
        """Return texts of the page that may change with the log, by their name in the page."""


def log_view(log: Log, path: str, query: str) -> LogView:
    """Return the end of a log. `path` is the address of the page."""
    piece = log.end()
    # Checked after reading: the script continues after the position of the piece.
    live = "" if log.ended() else f"{path}/live{query}"
    return LogView(fit(piece.lines), piece.position, live, f"{path}/log{query}")


def fit(lines: Sequence[str]) -> list[LogLine]:
    """Return the last lines that a page has room for."""
    shown: list[LogLine] = []
    left = _TAIL_BYTES
    for line in reversed(lines[-_TAIL_LINES:]):
        shown_line = log_line(line)
        size = len(escape(shown_line.text).encode("utf-8", "replace")) + 1
        if size > left:
            if not shown:
                shown.append(LogLine(shown_line.text[: _TAIL_BYTES // 8] + " …", shown_line.kind))
            break
        shown.append(shown_line)
        left -= size
    return shown[::-1]


class LiveLogs:
    """The open streams of events."""

    def __init__(self) -> None:
        self._ending = asyncio.Event()

    def end(self) -> None:
        """End all streams. Browsers that watch would otherwise delay a shutdown."""
        self._ending.set()

    async def events(self, log: Log, position: str) -> AsyncIterator[str]:
        """Yield lines after a position and changes of the status as they come, until the log or the server ends."""
        last_status: Mapping[str, str] = {}
        silent = 0.0
        yield _event("retry: 1000")
        while not self._ending.is_set():
            ended = log.ended()
            piece = await asyncio.to_thread(log.after, position)
            status = log.status()
            if status != last_status:
                last_status = status
                yield _event("event: status", f"data: {json.dumps(status)}")
            for first in range(0, len(piece.lines), _EVENT_LINES):
                lines = [asdict(log_line(line)) for line in piece.lines[first : first + _EVENT_LINES]]
                # The position is the one after all lines, so only the last event has it.
                last = first + _EVENT_LINES >= len(piece.lines)
                yield _event(*([f"id: {piece.position}"] if last else []), f"data: {json.dumps(lines)}")
            moved, position = piece.position != position, piece.position
            if ended and not moved:
                yield _event("event: end", "data: ")
                return
            silent = 0.0 if moved else silent + _POLL_SECONDS
            if silent >= _BEAT_SECONDS:
                silent = 0.0
                yield _event(": still here")
            if not moved:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._ending.wait(), _POLL_SECONDS)


def _event(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines) + "\n"
