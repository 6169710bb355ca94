"""`/store/…`: announced uploads and allowed downloads, under signed URLs.

A URL's signature covers the method, the path, the expiry and the upload's limits. Its key never leaves the store.
Without a signature nothing is read or written, and no path leaves the store's folder.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import hashlib
import mimetypes
import os
import secrets
import tempfile
import time
from collections.abc import Set
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlencode

import itsdangerous

from flyte_local.home import Home, make_folder
from flyte_local.state.context import Context
from flyte_local.web.asgi import Receive, Scope, Send, respond

PREFIX = "/store/"
MAX_UPLOAD = 5 << 30
_CHUNK = 1 << 18
_ROOTS = ("store", "runs")


class Signer:
    """Makes and checks signed URLs. Paths are relative to the home: `store/…`, or `runs/…` for downloads."""

    def __init__(self, context: Context) -> None:
        key = context.store.get("signing-key", "urls")
        if key is None:
            key = secrets.token_bytes(32)
            context.store.put("signing-key", "urls", key)
        self._signer = itsdangerous.Signer(key, salt="store-url", key_derivation="hmac", digest_method=hashlib.sha256)
        self._url = context.url

    def upload(self, path: str, expires: float, md5: bytes = b"", size: int = 0) -> str:
        """Return a URL for one PUT of at most `size` bytes (0: the server's limit) with this MD5 (empty: any)."""
        return self._sign("PUT", path, {"expires": f"{expires:.0f}", "md5": md5.hex(), "size": str(size)})

    def download(self, path: str, expires: float) -> str:
        """Return a URL that GET answers with the file."""
        return self._sign("GET", path, {"expires": f"{expires:.0f}"})

    def check(self, method: str, path: str, query: dict[str, str]) -> str | None:
        """Return the reason to refuse a request, or None if it is allowed."""
        signature = query.pop("signature", "")
        content = _signed_content("GET" if method == "HEAD" else method, path, query)
        if not self._signer.verify_signature(content, signature.encode()):
            return "this URL was not given out by this server"
        if time.time() > float(query["expires"]):
            return "this URL has expired: ask for a new one"
        return None

    def _sign(self, method: str, path: str, query: dict[str, str]) -> str:
        signature = self._signer.get_signature(_signed_content(method, path, query)).decode()
        return f"{self._url}{PREFIX}{quote(path)}?{urlencode({**query, 'signature': signature})}"


def _signed_content(method: str, path: str, query: dict[str, str]) -> bytes:
    return "\n".join([method, path, *(f"{name}={value}" for name, value in sorted(query.items()))]).encode()


class StoreFiles:
    """The ASGI application under `/store/`."""

    def __init__(self, home: Home, signer: Signer) -> None:
        self._home = home
        self._signer = signer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer PUT, GET and HEAD of signed URLs."""
        if scope["type"] != "http":
            return
        method = scope["method"]
        if method not in {"PUT", "GET", "HEAD"}:
            await _answer(send, 405, f"{method} is not allowed here")
            return
        path = unquote(scope.get("raw_path", scope["path"].encode()).decode("ascii", "replace").partition("?")[0])
        relative = path.removeprefix(PREFIX)
        query = {k: v[-1] for k, v in parse_qs(scope["query_string"].decode("ascii", "replace"), True).items()}
        refusal = self._signer.check(method, relative, query)
        target = None if refusal else local_path(self._home, relative)
        if refusal or target is None:
            await _answer(send, 403, refusal or "this path is outside the store")
        elif method == "PUT":
            try:
                await self._put(target, query, scope, receive, send)
            except OSError as error:
                # A file where a folder is needed, or the other way round; a full disk.
                status = 507 if error.errno == errno.ENOSPC else 409
                await _answer(send, status, f"the upload cannot be stored here: {error.strerror}")
        else:
            await _get(target, method == "HEAD", send)

    async def _put(self, target: Path, query: dict[str, str], scope: Scope, receive: Receive, send: Send) -> None:
        limit = int(query["size"]) or MAX_UPLOAD
        headers = dict(scope["headers"])
        with contextlib.suppress(ValueError):
            if int(headers.get(b"content-length", b"0")) > limit:
                return await _answer(send, 413, _too_large(limit))
        digests = {query["md5"], _md5_header(headers)} - {""}
        # The answer is sent last: once a client has read a refusal, nothing of the upload is left in the store.
        if (answer := await _store(target, limit, digests, receive)) is not None:
            await _answer(send, *answer)
        return None


async def _store(target: Path, limit: int, digests: Set[str], receive: Receive) -> tuple[int, str] | None:
    """Write the request's body to `target` if it is within `limit` bytes and has each of the MD5 `digests` (hex).

    Returns the status and the text to answer with, or None if the client has left. A refused upload leaves no file.
    """
    md5 = hashlib.md5(usedforsecurity=False)
    size = 0
    folder = await asyncio.to_thread(make_folder, target.parent)
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=".upload-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                chunk = message.get("body", b"")
                more = message.get("more_body", False)
                size += len(chunk)
                if size > limit:
                    return 413, _too_large(limit)
                md5.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        if digests - {md5.hexdigest()}:
            return 400, "the upload's MD5 is not the announced one: send it again"
        os.replace(temporary, target)
        return 200, ""
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)


def _too_large(limit: int) -> str:
    return f"this upload may have at most {limit} bytes"


def local_path(home: Home, relative: str) -> Path | None:
    """Return the file of a signed path, or None if it is not plainly inside the store or the runs."""
    parts = relative.split("/")
    if parts[0] not in _ROOTS or any(part in {"", ".", ".."} or "\0" in part or "\\" in part for part in parts):
        return None
    root = home.path / parts[0]
    target = home.path.joinpath(*parts)
    try:
        # A task may leave a symbolic link in its folder. Links that lead outside, or in circles, are not followed.
        return target if target.resolve().is_relative_to(root.resolve()) else None
    except (OSError, RuntimeError):
        return None


def relative_path(home: Home, uri: str) -> str | None:
    """Return the path to sign for a path or `file://` URI inside the home. None for anything else."""
    path = uri.removeprefix("file://")
    base = f"{home.path}/"
    relative = path[len(base) :] if path.startswith(base) else ""
    return relative if relative and local_path(home, relative) is not None else None


async def _get(target: Path, head: bool, send: Send) -> None:
    try:
        # A task may leave a pipe, and opening it would wait for a writer.
        file = await asyncio.to_thread(target.open, "rb") if target.is_file() else None
    except OSError:
        file = None
    if file is None:
        await _answer(send, 404, "there is no such file in the store")
        return
    with file:
        size = os.fstat(file.fileno()).st_size
        kind = mimetypes.guess_type(target.name)[0] or "application/octet-stream"
        headers = [
            (b"content-type", kind.encode()),
            (b"content-length", str(size).encode()),
            (b"x-content-type-options", b"nosniff"),
            # A report is untrusted, and has this server's origin. It may run scripts, but not use the server.
            (b"content-security-policy", b"sandbox allow-scripts"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while not head and size > 0 and (chunk := await asyncio.to_thread(file.read, min(_CHUNK, size))):
            size -= len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _answer(send: Send, status: int, text: str) -> None:
    await respond(send, status, f"{text}\n".encode() if text else b"", "text/plain; charset=utf-8")


def _md5_header(headers: dict[bytes, bytes]) -> str:
    """Return RFC 1864's Content-MD5 as hex. An unreadable one matches nothing."""
    value = headers.get(b"content-md5", b"")
    try:
        return base64.b64decode(value, validate=True).hex()
    except ValueError:
        return "unreadable"
