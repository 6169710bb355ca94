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
import os
import secrets
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

import itsdangerous
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from flyte_local.home import Home, make_folder
from flyte_local.state.context import Context

PREFIX = "/store/"
MAX_UPLOAD = 5 << 30
_ROOTS = ("store", "runs")
_NO_SNIFFING = {"x-content-type-options": "nosniff"}


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
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method not in {"PUT", "GET", "HEAD"}:
            return _text(405, f"{request.method} is not allowed here")
        relative = request.scope["path"].removeprefix(PREFIX)
        query = dict(request.query_params)
        refusal = self._signer.check(request.method, relative, query)
        if refusal:
            return _text(403, refusal)
        target = local_path(self._home, relative)
        if target is None:
            return _text(403, "this path is outside the store")
        if request.method != "PUT":
            return _file(target)
        try:
            return await _put(target, query, request)
        except OSError as error:
            # A file where a folder is needed, or the other way round; a full disk.
            status = 507 if error.errno == errno.ENOSPC else 409
            return _text(status, f"the upload cannot be stored here: {error.strerror}")
        except ClientDisconnect:
            return Response()  # nobody reads it


async def _put(target: Path, query: Mapping[str, str], request: Request) -> Response:
    """Store the request's body if it is within the announced size and has the announced MD5.

    A refused upload leaves no file. It is removed before the client reads the refusal.
    """
    limit = int(query["size"]) or MAX_UPLOAD
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        return _text(413, _too_large(limit))
    digests = {query["md5"], _md5_header(request.headers)} - {""}
    md5 = hashlib.md5(usedforsecurity=False)
    size = 0
    folder = await asyncio.to_thread(make_folder, target.parent)
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=".upload-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    return _text(413, _too_large(limit))
                md5.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        if digests - {md5.hexdigest()}:
            return _text(400, "the upload's MD5 is not the announced one: send it again")
        os.replace(temporary, target)
        return _text(200, "")
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


def _file(target: Path) -> Response:
    # A task may leave a pipe, and opening it would wait for a writer.
    if not target.is_file() or not os.access(target, os.R_OK):
        return _text(404, "there is no such file in the store")
    # A report is untrusted, and has this server's origin. It may run scripts, but not use the server.
    return FileResponse(target, headers={**_NO_SNIFFING, "content-security-policy": "sandbox allow-scripts"})


def _text(status: int, text: str) -> Response:
    return PlainTextResponse(f"{text}\n" if text else "", status, _NO_SNIFFING)


def _md5_header(headers: Headers) -> str:
    """Return RFC 1864's Content-MD5 as hex. An unreadable one matches nothing."""
    try:
        return base64.b64decode(headers.get("content-md5", ""), validate=True).hex()
    except ValueError:
        return "unreadable"
