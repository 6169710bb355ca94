"""The server of the call benchmarks, in a separate process: `with serving() as url`.

`/` returns a small JSON object. `/flaky` answers half of its requests with 503. `/received` returns the number of those
requests. WebSocket messages are sent back.
"""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_draw = random.Random(20260301).random
_received = 0


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["type"] == "websocket":
        await _echo(receive, send)
        return
    global _received
    status, body = 200, b'{"greeting":"hello"}'
    if scope["path"] == "/flaky":
        _received += 1
        status = 503 if _draw() < 0.5 else 200
    elif scope["path"] == "/received":
        body = str(_received).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _echo(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


def unused_port() -> int:
    """Return a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def serving(module: str = "benchmarks.server", path: str = "") -> Iterator[str]:
    """Run a server and yield its URL. `path` answers once the server is up."""
    port = unused_port()
    process = subprocess.Popen([sys.executable, "-m", module, str(port)])
    url = f"http://127.0.0.1:{port}"
    try:
        _until_it_answers(url + path, process)
        yield url
    finally:
        process.terminate()
        process.wait()


def _until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.05)
    msg = "the benchmarks' server did not start"
    raise RuntimeError(msg)


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(application, port=int(sys.argv[1]), access_log=False, log_level="error", timeout_keep_alive=75)
