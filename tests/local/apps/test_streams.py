"""The proxy passes big, partial and long exchanges on as if a client spoke to the app itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import aiohttp
import psutil
import pytest
from flyteidl2.app import app_payload_pb2 as payload

from .conftest import ASGI, DOMAIN, PROJECT, Plane, declaration

FILES = ["python", "-m", "uvicorn", "served:app", "--app-dir", "{folder}", "--port", "8080", "--log-level", "warning"]
SERVED = """
import os
from fastapi import FastAPI
from starlette.responses import FileResponse

app = FastAPI(root_path=os.environ["FLYTE_ROOT_PATH"] if os.environ.get("ROOTED") else "")


@app.get("/file")
@app.head("/file")
def file():
    return FileResponse(__file__)
"""


@pytest.fixture(scope="module", autouse=True)
def _apps(plane: Plane, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("served")
    (folder / "served.py").write_text(SERVED)
    command = [part.format(folder=folder) for part in FILES]
    plane.create("plain", command)
    plane.create("rooted", command, env={"ROOTED": "1"})
    plane.create("echo", ASGI)
    for name in ("plain", "rooted", "echo"):
        plane.wait(name)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120)) as made:
        yield made


def host(plane: Plane, name: str) -> dict[str, str]:
    return {"Host": f"{name}-{PROJECT}-{DOMAIN}.localhost:{plane.port}"}


async def test_a_large_upload_does_not_pile_up_in_the_server(plane: Plane, session: aiohttp.ClientSession) -> None:
    size = 200 << 20
    process = psutil.Process(plane.pid)
    before = process.memory_info().rss
    most = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal most
        for number in range(size >> 20):
            yield b"x" * (1 << 20)
            if number % 10 == 0:
                most = max(most, process.memory_info().rss)

    for headers in ({}, {"Content-Length": str(size)}):
        async with session.post(plane.endpoint("echo") + "/count", data=chunks(), headers=headers) as response:
            assert await response.text() == str(size)
    assert most - before < 48 << 20


async def test_ranges_and_heads_are_the_apps(plane: Plane, session: aiohttp.ClientSession) -> None:
    url = plane.endpoint("plain") + "/file"
    async with session.get(url) as response:
        whole = await response.read()
        assert response.headers["accept-ranges"] == "bytes"
        etag = response.headers["etag"]
    assert whole == SERVED.encode()
    async with session.get(url, headers={"Range": "bytes=10-19"}) as response:
        assert (response.status, await response.read()) == (206, whole[10:20])
        assert response.headers["content-range"] == f"bytes 10-19/{len(whole)}"
    async with session.get(url, headers={"Range": "bytes=999999-"}) as response:
        assert response.status == 416
    for _ in range(3):  # on one connection to the app: nothing of a HEAD's answer may be waited for
        async with session.head(url) as response:
            assert (response.status, await response.read()) == (200, b"")
            assert response.headers["content-length"] == str(len(whole))
    async with session.get(url, headers={"If-Range": etag, "Range": "bytes=0-0"}) as response:
        assert (response.status, await response.read()) == (206, whole[:1])


@pytest.mark.parametrize("name", ["plain", "rooted"])
@pytest.mark.parametrize("form", ["path", "host"])
async def test_an_apps_documentation_page_finds_its_schema(
    plane: Plane, session: aiohttp.ClientSession, name: str, form: str
) -> None:
    """The page links to the schema by an absolute path. An app that does not know its root path therefore needs the
    host form, and a browser is redirected to it. An app that knows its root path works with both."""
    base, headers = (plane.endpoint(name), {}) if form == "path" else (plane.url, host(plane, name))
    if form == "path" and name == "plain":
        navigation = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        async with session.get(base + "/docs", headers=navigation, allow_redirects=False) as response:
            assert response.status == 307
            moved = response.headers["location"]
        assert moved == f"http://{name}-{PROJECT}-{DOMAIN}.localhost:{plane.port}/docs"
        base, headers = plane.url, host(plane, name)
    async with session.get(base + "/docs", headers=headers) as response:
        link = re.search(r"url: '([^']+)'", await response.text())
    assert link is not None
    async with session.get(plane.url + link[1], headers=headers) as response:
        assert "/file" in (await response.json())["paths"]


async def test_a_websocket_outlives_the_request_timeout(plane: Plane, session: aiohttp.ClientSession) -> None:
    app = declaration("long-lived", ASGI)
    app.spec.timeouts.request_timeout.FromSeconds(1)
    plane.apps.create(payload.CreateRequest(app=app))
    plane.wait("long-lived")
    async with session.ws_connect(plane.endpoint("long-lived") + "/ws") as socket:
        await asyncio.sleep(2.5)
        await socket.send_str("hello")
        assert await socket.receive_str() == "echo hello"
    async with session.get(plane.endpoint("long-lived") + "/slowly") as response:
        assert await response.read() == b"0\n1\n2\n3\n4\n"


async def test_a_connection_that_the_app_closed_meanwhile_costs_no_request(plane: Plane) -> None:
    """An app that closes every connection after its answer, and says so to nobody."""
    program = (
        "import http.server, sys\n"
        "class H(http.server.BaseHTTPRequestHandler):\n"
        "    protocol_version = 'HTTP/1.1'\n"
        "    def do_GET(self):\n"
        "        self.send_response(200); self.send_header('content-length', '2'); self.end_headers()\n"
        "        self.wfile.write(b'ok'); self.close_connection = True\n"
        "    def log_message(self, *_): pass\n"
        "http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), H).serve_forever()\n"
    )
    plane.up("abrupt", ["python", "-c", program, "8080"])
    async with aiohttp.ClientSession() as session:
        for _ in range(200):
            async with session.get(plane.endpoint("abrupt") + "/") as response:
                assert (response.status, await response.text()) == (200, "ok")


async def test_a_body_without_a_length_ends_with_its_connection(plane: Plane, session: aiohttp.ClientSession) -> None:
    program = (
        "import socketserver, sys\n"
        "class H(socketserver.StreamRequestHandler):\n"
        "    def handle(self):\n"
        "        while self.rfile.readline().strip(): pass\n"
        "        self.wfile.write(b'HTTP/1.1 103 Early Hints\\r\\nlink: </x>\\r\\n\\r\\n')\n"
        "        self.wfile.write(b'HTTP/1.0 200 OK\\r\\n\\r\\n' + b'y' * 300000)\n"
        "socketserver.ThreadingTCPServer.allow_reuse_address = True\n"
        "socketserver.ThreadingTCPServer(('127.0.0.1', int(sys.argv[1])), H).serve_forever()\n"
    )
    plane.up("old", ["python", "-c", program, "8080"])
    async with session.get(plane.endpoint("old") + "/") as response:
        assert (response.status, await response.read()) == (200, b"y" * 300000)


async def test_what_is_not_http_is_502(plane: Plane, session: aiohttp.ClientSession) -> None:
    program = (
        "import socketserver, sys\n"
        "class H(socketserver.BaseRequestHandler):\n"
        "    def handle(self): self.request.recv(1000) and self.request.sendall(b'SSH-2.0-x\\r\\n\\r\\n')\n"
        "socketserver.ThreadingTCPServer(('127.0.0.1', int(sys.argv[1])), H).serve_forever()\n"
    )
    plane.up("foreign", ["python", "-c", program, "8080"])
    async with session.get(plane.endpoint("foreign") + "/") as response:
        assert response.status == 502
        assert "the app's answer is not HTTP" in await response.text()
