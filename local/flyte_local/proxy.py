"""Passes requests on to apps: HTTP with streaming both ways, WebSockets, in the path form and in the host form.

    http://127.0.0.1:PORT/apps/P/D/N/x  →  /x of the app         (every client resolves it)
    http://N-P-D.localhost:PORT/x       →  /x of the app         (pages with absolute links work; browsers resolve it)

A browser that navigates to the path form is sent to the host form. Requests to an app that starts are held until it is
ready. Hop-by-hop headers (RFC 9110 §7.6.1) stay here, everything else passes unchanged, duplicates included.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from flyte_local.app_key import AppKey
from flyte_local.asgi import Header, Receive, Scope, Send, header, respond, respond_error
from flyte_local.context import Context
from flyte_local.errors import AppError, NotFoundError
from flyte_local.ports import LOOPBACK
from flyte_local.proxy_websocket import refuse, relay
from flyte_local.revision import Revision
from flyte_local.supervisor import Supervisor

_log = logging.getLogger(__name__)
HOLD_SECONDS = 60.0
_ATTEMPTS = 3
_HOP_HEADERS = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te",
     b"trailer", b"transfer-encoding", b"upgrade", b"expect"}
)  # fmt: skip
_REPLACED = frozenset({b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-prefix"})
_AUTOMATIC = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")


class Proxy:
    """The way to the apps."""

    def __init__(self, context: Context, supervisor: Supervisor) -> None:
        self._context = context
        self._supervisor = supervisor
        self._client: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Closes the connections to the apps."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def by_path(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`/apps/P/D/N/…`."""
        parts = _raw_path(scope).split("/", 5)
        if len(parts) < 5 or not all(parts[2:5]):
            await _refuse(scope, receive, send, 404, "an app's path is /apps/<project>/<domain>/<name>/")
            return
        key = AppKey(*parts[2:5])
        rest = "/" + (parts[5] if len(parts) == 6 else "")
        if _is_navigation(scope):
            location = f"http://{key.host_label}.localhost:{self._context.port}{rest}{_query(scope)}"
            headers = [(b"location", location.encode("latin-1")), (b"cache-control", b"no-store")]
            await respond(send, 307, b"", "text/plain", headers)
            return
        await self._pass(key, rest, key.path, scope, receive, send)

    async def by_host(self, label: str, scope: Scope, receive: Receive, send: Send) -> None:
        """`N-P-D.localhost`."""
        apps = self._supervisor.by_host_label(label)
        if not apps:
            await _refuse(scope, receive, send, 404, f"no app is called {label} on this server")
            return
        if len(apps) > 1:
            paths = " or ".join(self._context.url + app.key.path for app in apps)
            await _refuse(scope, receive, send, 409, f"several apps are called {label}: use {paths}")
            return
        key = apps[0].key
        path = _raw_path(scope)
        # An app that knows its root path writes links that begin with it; they must work here as well.
        if path == key.path or path.startswith(key.path + "/"):
            path = path[len(key.path) :] or "/"
        await self._pass(key, path, "", scope, receive, send)

    async def _pass(self, key: AppKey, path: str, prefix: str, scope: Scope, receive: Receive, send: Send) -> None:
        for attempt in range(_ATTEMPTS):
            try:
                revision = await self._supervisor.ready(key, HOLD_SECONDS)
            except NotFoundError as error:
                await _refuse(scope, receive, send, 404, str(error))
                return
            except AppError as error:
                await _refuse(scope, receive, send, 503, str(error), [(b"retry-after", b"2")])
                return
            revision.in_flight += 1
            try:
                target = URL(f"http://{LOOPBACK}:{revision.ready_port}{path}{_query(scope)}", encoded=True)
                headers = _request_headers(scope, prefix)
                if scope["type"] == "websocket":
                    limit = _time_limit(revision)
                    await relay(self._session(), target, headers, limit, scope, receive, send)
                else:
                    await self._exchange(revision, target, headers, prefix, scope, receive, send)
                return
            except aiohttp.ClientConnectorError as error:
                # Nothing has been sent yet: the process has just ended, or is about to be replaced.
                if attempt == _ATTEMPTS - 1:
                    await _refuse(scope, receive, send, 502, f"app {key} does not accept connections: {error.strerror}")
                    return
            finally:
                revision.in_flight -= 1
            await asyncio.sleep(0.2 * (attempt + 1))

    async def _exchange(
        self,
        revision: Revision,
        target: URL,
        headers: list[tuple[str, str]],
        prefix: str,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        limit = _time_limit(revision)
        body = _RequestBody(receive, _has_body(scope))
        started = False
        request = self._session().request(
            scope["method"],
            target,
            headers=headers,
            data=body.chunks() if body.expected else None,
            allow_redirects=False,
            skip_auto_headers=_AUTOMATIC,
        )
        try:
            response = await asyncio.wait_for(request, limit)
        except asyncio.TimeoutError:
            await respond_error(send, 504, f"app {revision.key} did not answer within {limit:g} s")
            return
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ClientError, OSError) as error:
            await respond_error(send, 502, f"app {revision.key} closed the connection: {error or type(error).__name__}")
            return
        async with response:
            gone = asyncio.ensure_future(body.disconnected())
            try:
                raw = _response_headers(response, prefix, scope)
                await send({"type": "http.response.start", "status": response.status, "headers": raw})
                started = True
                chunks = response.content.iter_any()
                while True:
                    chunk = asyncio.ensure_future(_next(chunks))
                    await asyncio.wait({chunk, gone}, return_when=asyncio.FIRST_COMPLETED)
                    if gone.done():
                        chunk.cancel()
                        with contextlib.suppress(asyncio.CancelledError, aiohttp.ClientError):
                            await chunk
                        response.close()
                        return
                    data = chunk.result()
                    if data is None:
                        break
                    await send({"type": "http.response.body", "body": data, "more_body": True})
            except aiohttp.ClientError as error:
                # The head is out: only a broken-off transfer tells the client that this is not the whole answer.
                if started:
                    raise ConnectionError(f"app {revision.key} broke off its response: {error}") from error
                raise
            finally:
                gone.cancel()
        await send({"type": "http.response.body", "body": b""})

    def _session(self) -> aiohttp.ClientSession:
        if self._client is None:
            self._client = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=4),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
                auto_decompress=False,
                max_line_size=64 * 1024,
                max_field_size=64 * 1024,
            )
        return self._client


class _RequestBody:
    """The client's body as a stream, and the news that it went away. Both come as messages of one channel."""

    def __init__(self, receive: Receive, expected: bool) -> None:
        self.expected = expected
        self._receive = receive
        self._left = False
        self._read = asyncio.Event()
        if not expected:
            self._read.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            while True:
                message = await self._receive()
                if message["type"] == "http.disconnect":
                    self._left = True
                    raise ConnectionResetError("the client left")
                if message.get("body"):
                    yield message["body"]
                if not message.get("more_body"):
                    return
        finally:
            self._read.set()

    async def disconnected(self) -> None:
        # An app may answer while it still reads: until the last chunk, the messages are the body's.
        await self._read.wait()
        while not self._left:
            self._left = (await self._receive())["type"] == "http.disconnect"


def _time_limit(revision: Revision) -> float:
    return revision.work.request_timeout if revision.work else 300.0


async def _next(chunks: aiohttp.streams.AsyncStreamIterator[bytes]) -> bytes | None:
    try:
        return await chunks.__anext__()
    except StopAsyncIteration:
        return None


def _raw_path(scope: Scope) -> str:
    raw = scope.get("raw_path")
    return raw.decode("latin-1") if raw else scope["path"]  # type: ignore[no-any-return]


def _query(scope: Scope) -> str:
    text = scope["query_string"].decode("latin-1")
    return f"?{text}" if text else ""


def _is_navigation(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and header(scope, b"sec-fetch-mode") == "navigate"
        and "text/html" in (header(scope, b"accept") or "")
        and header(scope, b"sec-fetch-dest") not in ("iframe", "frame", "embed", "object")
    )


def _has_body(scope: Scope) -> bool:
    return header(scope, b"transfer-encoding") is not None or header(scope, b"content-length") not in (None, "0")


def _request_headers(scope: Scope, prefix: str) -> list[tuple[str, str]]:
    dropped = _HOP_HEADERS | _REPLACED | _named_by_connection(scope["headers"])
    if scope["type"] == "websocket":
        dropped |= {name for name, _ in scope["headers"] if name.startswith(b"sec-websocket-")}
    kept = [(n.decode("latin-1"), _text(v)) for n, v in scope["headers"] if n.lower() not in dropped]
    client = scope.get("client")
    kept.append(("x-forwarded-for", client[0] if client else LOOPBACK))
    kept.append(("x-forwarded-proto", "http"))
    host = header(scope, b"host")
    if host:
        kept.append(("x-forwarded-host", host))
    if prefix:
        kept.append(("x-forwarded-prefix", prefix))
    return kept


def _text(value: bytes) -> str:
    """A header's value as aiohttp wants it: it encodes as UTF-8, so the bytes come out as they were."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _response_headers(response: aiohttp.ClientResponse, prefix: str, scope: Scope) -> list[Header]:
    raw = [(name.lower(), value) for name, value in response.raw_headers]
    dropped = _HOP_HEADERS | _named_by_connection(raw)
    host = header(scope, b"host") or ""
    return [
        (name, _below(prefix, host, value) if prefix and name == b"location" else value)
        for name, value in raw
        if name not in dropped
    ]


def _below(prefix: str, host: str, location: bytes) -> bytes:
    """A redirect of an app that does not know its prefix, put below it; one that leads elsewhere stays."""
    parts = urlsplit(location.decode("latin-1"))
    own = not parts.netloc or parts.netloc == host
    if not own or not parts.path.startswith("/") or parts.path.startswith("/apps/"):
        return location
    return parts._replace(path=prefix + parts.path).geturl().encode("latin-1")


def _named_by_connection(headers: list[Header]) -> frozenset[bytes]:
    return frozenset(
        part.strip().lower() for name, value in headers if name.lower() == b"connection" for part in value.split(b",")
    )


async def _refuse(
    scope: Scope, receive: Receive, send: Send, status: int, message: str, headers: list[Header] | None = None
) -> None:
    if scope["type"] == "websocket":
        await refuse(receive, send, status, message)
    else:
        await respond_error(send, status, message, headers or [])
