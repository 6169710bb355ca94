"""The files beside the console's pages: a style sheet, a script and an icon, named by their content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from flyte_local.web.asgi import Send, respond

PREFIX = "/console/"
_FOLDER = Path(__file__).parent / "static"


@dataclass(frozen=True)
class File:
    """One file; another content has another path, so a browser may keep it for ever."""

    path: str
    content_type: str
    content: bytes


def _file(name: str, content_type: str) -> File:
    content = (_FOLDER / name).read_bytes()
    stem, _, suffix = name.partition(".")
    return File(f"{PREFIX}{stem}-{hashlib.sha256(content).hexdigest()[:12]}.{suffix}", content_type, content)


CSS = _file("console.css", "text/css; charset=utf-8")
JS = _file("console.js", "text/javascript; charset=utf-8")
ICON = _file("icon.svg", "image/svg+xml")
_FILES = {file.path: file for file in (CSS, JS, ICON)}


def find(path: str) -> File | None:
    """The file at a path of this server."""
    return _FILES.get(path)


async def send_file(send: Send, file: File) -> None:
    """Answers with a file."""
    headers = [(b"cache-control", b"public, max-age=31536000, immutable")]
    await respond(send, 200, file.content, file.content_type, headers)
