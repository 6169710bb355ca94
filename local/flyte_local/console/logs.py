"""Logs in the console: their end on a page, the whole as plain text, and live as server-sent events.

Only whole lines leave the server, so that no secret is cut in two where its mask would not recognise it. A position is
a text that a log gives with its lines and takes back to go on after them (the events' id).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol

from flyte_local.web.asgi import Receive, Send, respond
from flyte_local.web.html import Html, join, link, preformatted, section, tag

_TAIL_BYTES = 12_000
_TAIL_LINES = 200
_EVENT_LINES = 500
_POLL_SECONDS = 0.5
_BEAT_SECONDS = 15.0
# Colours and cursor movements of terminals (ECMA-48).
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


@dataclass(frozen=True)
class Piece:
    """Whole lines, masked, and the position after them."""

    lines: Sequence[str]
    position: str


class Log(Protocol):
    """Something that writes lines."""

    def end(self) -> Piece:
        """The last lines."""

    def after(self, position: str) -> Piece:
        """Lines after a position; one that makes no sense is the beginning."""

    def whole(self) -> str:
        """Everything that there is, masked."""

    def ended(self) -> bool:
        """Whether no line can come any more."""

    def status(self) -> Mapping[str, str]:
        """What the page says beside the log that may have changed; texts by their name in the page."""


def log_view(log: Log, path: str, query: str) -> Html:
    """A log's end; where more can come, what the script needs to follow it. `path` is the page's."""
    piece = log.end()
    # The end is looked at first: what came before it is in the piece.
    live = None if log.ended() else f"{path}/live{query}"
    lines = fit(piece.lines)
    box = Html('<label hidden><input type="checkbox" id="follow" checked> Follow</label>')
    state = tag("span", "", id="log-state", class_="quiet", role="status")
    whole = link(f"{path}/log{query}", "Whole log")
    text = "".join(f"{line}\n" for line in lines)
    shown = preformatted(text, "The end of the log", data_live=live, data_position=piece.position, id="log")
    return section("Log", shown if text or live else tag("p", "Nothing yet.", class_="quiet"),
                   join((whole, *((box, state) if live else ()))))  # fmt: skip


def fit(lines: Sequence[str]) -> list[str]:
    """The last lines that a page has room for, without what only a terminal understands."""
    kept: list[str] = []
    left = _TAIL_BYTES
    for line in reversed(lines[-_TAIL_LINES:]):
        plain = clean(line)
        size = len(escape(plain).encode("utf-8", "replace")) + 1
        if size > left:
            if not kept:
                kept.append(plain[: _TAIL_BYTES // 8] + " …")
            break
        kept.append(plain)
        left -= size
    return kept[::-1]


def clean(line: str) -> str:
    """A line as a page shows it."""
    return _CONTROL.sub("", line).rstrip("\r")


async def send_whole(send: Send, log: Log) -> None:
    """Answers with everything, as plain text."""
    text = await asyncio.to_thread(log.whole)
    # No browser may take it for anything else: the log of an app is the app's.
    headers = [(b"cache-control", b"no-store"), (b"content-security-policy", b"sandbox; default-src 'none'")]
    await respond(send, 200, text.encode("utf-8", "replace"), "text/plain; charset=utf-8", headers)


class LiveLogs:
    """The streams that are open."""

    def __init__(self) -> None:
        self._watches: set[asyncio.Task[None]] = set()

    def end(self) -> None:
        """Ends them all: watching browsers would otherwise hold up a shutdown."""
        for watch in self._watches:
            watch.cancel()

    async def stream(self, log: Log, position: str, receive: Receive, send: Send) -> None:
        """Lines after a position and changes of the status as they come, until the log ends or the browser leaves."""
        headers = [
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        watch = asyncio.create_task(_disconnected(receive))
        self._watches.add(watch)
        try:
            await self._pass_on(log, position, watch, send)
        finally:
            self._watches.discard(watch)
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch
        await send({"type": "http.response.body", "body": b""})

    async def _pass_on(self, log: Log, position: str, watch: asyncio.Task[None], send: Send) -> None:
        said: Mapping[str, str] = {}
        silent = 0.0
        await _send_event(send, "retry: 1000")
        while not watch.done():
            ended = log.ended()
            piece = await asyncio.to_thread(log.after, position)
            status = log.status()
            if status != said:
                said = status
                await _send_event(send, "event: status", f"data: {json.dumps(status)}")
            for first in range(0, len(piece.lines), _EVENT_LINES):
                lines = [clean(line) for line in piece.lines[first : first + _EVENT_LINES]]
                # The position is that after all of them, so it goes with the last.
                last = first + _EVENT_LINES >= len(piece.lines)
                await _send_event(send, *([f"id: {piece.position}"] if last else []), f"data: {json.dumps(lines)}")
            moved, position = piece.position != position, piece.position
            if ended and not moved:
                await _send_event(send, "event: end", "data: ")
                return
            silent = 0.0 if moved else silent + _POLL_SECONDS
            if silent >= _BEAT_SECONDS:
                silent = 0.0
                await _send_event(send, ": still here")
            if not moved:
                await asyncio.wait({watch}, timeout=_POLL_SECONDS)


async def _send_event(send: Send, *lines: str) -> None:
    body = "".join(f"{line}\n" for line in lines) + "\n"
    await send({"type": "http.response.body", "body": body.encode(), "more_body": True})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
