"""The two ways to a server: its ASGI application in this process, and a real process over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from flyte_local.home import Home
from flyte_local.server.control_plane import ControlPlane
from flyte_local.state.context import Context
from flyte_local.state.store import Store
from google.protobuf.internal import api_implementation

from .cases import Answer, Case

_PATIENCE = 0.03
_LIMIT = 60.0
_PORT = 8480


class InProcess:
    """The application with its services, on an event loop of its own."""

    def __init__(self, folder: Path) -> None:
        # Pulumi's SDK, which other tests of this process import, lifts the limits of protobuf's decoder. A server never
        # imports it, and refuses deep messages; here they would exhaust the stack.
        api_implementation._c_module.SetAllowOversizeProtos(False)
        self.home = Home(folder / "home")
        self.home.prepare()
        self._store = Store(self.home.database)
        self.raised: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._messages: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        context = Context(self.home, _PORT, self._store, sys.executable)
        self._application = ControlPlane(context, lambda: None)
        self._run(self._begin())

    def send(self, case: Case) -> Answer:
        """Return the answer. Of an endless one, return what came in a moment."""
        return self._run(self._call(case))

    def close(self) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_LIMIT)
        self._loop.close()
        self._store.close()

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(_LIMIT)

    async def _begin(self) -> None:
        up = asyncio.Event()

        async def send(message: Any) -> None:
            assert message["type"] == "lifespan.startup.complete" or up.is_set(), message
            up.set()

        self._lifespan = asyncio.create_task(self._application({"type": "lifespan"}, self._messages.get, send))
        self._messages.put_nowait({"type": "lifespan.startup"})
        await up.wait()

    async def _end(self) -> None:
        self._messages.put_nowait({"type": "lifespan.shutdown"})
        await self._lifespan

    async def _call(self, case: Case) -> Answer:
        path, _, query = case.target.partition("?")
        headers = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in case.headers]
        scope = {
            "type": "http", "method": case.method, "scheme": "http", "http_version": "1.1", "root_path": "",
            "path": unquote(path), "raw_path": path.encode("latin-1"), "query_string": query.encode("latin-1"),
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", _PORT),
            "headers": [(b"host", f"127.0.0.1:{_PORT}".encode()), *headers],
        }  # fmt: skip
        sent: list[Any] = []
        read = False

        async def receive() -> Any:
            nonlocal read
            if read:
                await asyncio.sleep(3600)
            read = True
            return {"type": "http.request", "body": case.body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        task = asyncio.create_task(self._application(scope, receive, send))
        # Work, such as the end of a process, takes what it takes; a stream that has begun to answer is left.
        await asyncio.wait({task}, timeout=_PATIENCE)
        if not task.done() and (_streams(case) or case.target.startswith("/apps/")):
            # More than once: before Python 3.12, `wait_for` may swallow a cancellation.
            while not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=_PATIENCE)
        try:
            await asyncio.wait_for(task, _LIMIT / 2)
        except asyncio.CancelledError:
            pass
        except Exception as error:  # Uvicorn would make a 500 of it.
            return Answer(599, {}, f"raised {type(error).__name__}: {error}".encode())
        if not sent:
            return Answer(0, {}, b"")
        answered = {k.decode("latin-1"): v.decode("latin-1") for k, v in sent[0].get("headers", ())}
        return Answer(sent[0]["status"], answered, b"".join(m.get("body", b"") for m in sent[1:]))


class OverHttp:
    """Raw HTTP/1.1 to a port of this machine, one connection a request."""

    def __init__(self, port: int) -> None:
        self.port = port

    def send(self, case: Case) -> Answer:
        """Return the answer. Of an endless one, return what came in a moment."""
        head = f"{case.method} {case.target} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in case.headers)
        if case.body:
            head += f"Content-Length: {len(case.body)}\r\n"
        return self.raw(head.encode("latin-1") + b"\r\n" + case.body, endless=_streams(case) or "/apps/" in case.target)

    def raw(self, data: bytes, *, endless: bool = False) -> Answer:
        """Send bytes as they are. `endless`: the server may leave the connection open."""
        received = bytearray()
        with socket.create_connection(("127.0.0.1", self.port), timeout=_LIMIT) as connection:
            with contextlib.suppress(ConnectionError):  # Refused in the middle of a large body: the answer is there.
                connection.sendall(data)
            if endless:
                connection.settimeout(0.15)
            with contextlib.suppress(TimeoutError, ConnectionError):
                while chunk := connection.recv(1 << 16):
                    received += chunk
        return _parsed(bytes(received))


def _streams(case: Case) -> bool:
    return any(name == "content-type" and value.startswith("application/connect+") for name, value in case.headers)


def _parsed(received: bytes) -> Answer:
    head, _, body = received.partition(b"\r\n\r\n")
    if not head:
        return Answer(0, {}, b"")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        body = b"".join(_chunks(body))
    return Answer(int(status.split()[1]), headers, body)


def _chunks(body: bytes) -> Iterator[bytes]:
    while body:
        size, _, body = body.partition(b"\r\n")
        if not size.strip():
            return
        yield body[: int(size, 16)]
        body = body[int(size, 16) + 2 :]
