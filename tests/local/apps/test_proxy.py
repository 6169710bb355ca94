"""The proxy: what comes out must be what went in, in both forms of an app's address."""

from __future__ import annotations

import asyncio
import http.client
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from flyte_local.proxy.headers import response_headers
from yarl import URL

from .conftest import ASGI, DOMAIN, PLAIN, PROJECT, Plane, declaration, status_of, until

LABEL = f"echo-{PROJECT}-{DOMAIN}"
NAVIGATION = {"Accept": "text/html,*/*", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture(scope="module", autouse=True)
def _app(plane: Plane) -> None:
    plane.up("echo", ASGI)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120)) as made:
        yield made


def host(plane: Plane) -> dict[str, str]:
    return {"Host": f"{LABEL}.localhost:{plane.port}"}


@pytest.mark.parametrize(
    ("path", "expected", "query"),
    [
        ("", "/", ""),
        ("/", "/", ""),
        ("?x=1", "/", "x=1"),
        ("/a/b?x=1&x=2&y=%20", "/a/b", "x=1&x=2&y=%20"),
        ("/a%2Fb/%C3%A4;p=1", "/a%2Fb/%C3%A4;p=1", ""),
        ("//double//slash/", "//double//slash/", ""),
        ("/../up", "/../up", ""),
    ],
)
def test_paths_arrive_as_they_were_sent(plane: Plane, path: str, expected: str, query: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", plane.port, timeout=60)
    connection.request("GET", f"/apps/{PROJECT}/{DOMAIN}/echo{path}")
    facts = json.load(connection.getresponse())
    connection.close()
    assert (facts["raw_path"], facts["query"]) == (expected, query)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_methods_pass(plane: Plane, session: aiohttp.ClientSession, method: str) -> None:
    async with session.request(method, plane.endpoint("echo")) as response:
        assert (await response.json())["method"] == method


async def test_headers_pass_and_hop_headers_do_not(plane: Plane, session: aiohttp.ClientSession) -> None:
    sent = {"X-Mine": "ü", "Connection": "x-hop", "X-Hop": "1", "X-Forwarded-For": "9.9.9.9",
            "Authorization": "Bearer t"}  # fmt: skip
    async with session.get(plane.endpoint("echo") + "/", headers=sent) as response:
        headers = dict((await response.json())["headers"])
    assert headers["x-mine"].encode("latin-1").decode() == "ü"
    assert headers["authorization"] == "Bearer t"
    assert "x-hop" not in headers
    assert headers["host"] == f"127.0.0.1:{plane.port}"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-host"] == f"127.0.0.1:{plane.port}"
    assert headers["x-forwarded-prefix"] == f"/apps/{PROJECT}/{DOMAIN}/echo"


async def test_duplicate_response_headers_are_kept(plane: Plane, session: aiohttp.ClientSession) -> None:
    async with session.get(plane.endpoint("echo") + "/cookies") as response:
        assert response.headers.getall("set-cookie") == ["a=1", "b=2"]
        assert "x-mine" not in response.headers


async def test_a_response_arrives_as_it_is_made(plane: Plane, session: aiohttp.ClientSession) -> None:
    async with session.get(plane.endpoint("echo") + "/stream") as response:
        assert await response.content.readline() == b"first\n"
        async with session.post(plane.endpoint("echo") + "/release") as release:
            assert release.status == 200
        assert await response.read() == b"second\n"


async def test_a_large_request_is_streamed(plane: Plane, session: aiohttp.ClientSession) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b"x" * (1 << 20)

    async with session.post(plane.endpoint("echo") + "/count", data=chunks()) as response:
        assert await response.text() == str(64 << 20)
    async with session.post(plane.endpoint("echo") + "/count", data=b"") as response:
        assert await response.text() == "0"


async def test_an_app_may_answer_while_it_still_reads(plane: Plane, session: aiohttp.ClientSession) -> None:
    answered = asyncio.Queue[bytes]()

    async def questions() -> AsyncIterator[bytes]:
        for number in range(20):
            yield f"{number};".encode()
            received = b""
            while not received.endswith(b";"):
                received += await asyncio.wait_for(answered.get(), 60)
            assert received == f"{number};".encode()

    async with session.post(plane.endpoint("echo") + "/duplex", data=questions()) as response:
        async for chunk in response.content.iter_any():
            answered.put_nowait(chunk)


async def test_no_part_of_a_body_is_lost_once_the_app_has_begun_to_answer(
    plane: Plane, session: aiohttp.ClientSession
) -> None:
    async with session.post(plane.endpoint("echo") + "/head-first", data=io.BytesIO(b"x" * (32 << 20))) as response:
        assert await response.text() == f"count: {32 << 20}"


async def test_an_app_may_refuse_a_body_unread(plane: Plane, session: aiohttp.ClientSession) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", plane.port)
    path = f"/apps/{PROJECT}/{DOMAIN}/echo/early"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{plane.port}\r\nContent-Length: 1000000\r\n\r\n"
    writer.write(head.encode() + b"x" * 1000)
    answer = await asyncio.wait_for(reader.readuntil(b"no more"), 60)
    assert b" 413 " in answer.splitlines()[0]
    writer.close()
    await writer.wait_closed()
    async with session.get(plane.endpoint("echo") + "/") as response:
        assert response.status == 200


async def test_a_client_that_leaves_in_the_middle_of_its_body_is_noticed(plane: Plane) -> None:
    app = "leaving"
    plane.up(app, ASGI)
    reader, writer = await asyncio.open_connection("127.0.0.1", plane.port)
    path = f"/apps/{PROJECT}/{DOMAIN}/{app}/duplex"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{plane.port}\r\nContent-Length: 1000\r\n\r\n"
    writer.write(head.encode() + b"begin")
    await asyncio.wait_for(reader.readuntil(b"begin"), 60)
    writer.close()
    await writer.wait_closed()
    until(lambda: plane.fetch(app, "/aborted") == ["/duplex"])


async def test_a_client_that_leaves_is_noticed_by_the_app(plane: Plane, session: aiohttp.ClientSession) -> None:
    response = await session.get(plane.endpoint("echo") + "/endless")
    await response.content.readany()
    response.close()
    # In a thread: the event loop must go on to close the connection.
    await asyncio.to_thread(until, lambda: plane.fetch("echo", "/aborted") == ["/endless"])


async def test_a_response_that_breaks_off_is_not_passed_off_as_whole(
    plane: Plane, session: aiohttp.ClientSession
) -> None:
    plane.up("cut", ASGI)
    with pytest.raises(aiohttp.ClientPayloadError):
        async with session.get(plane.endpoint("cut") + "/cut") as response:
            await response.read()


async def test_an_empty_response_stays_empty(plane: Plane, session: aiohttp.ClientSession) -> None:
    async with session.get(plane.endpoint("echo") + "/empty") as response:
        assert (response.status, await response.read()) == (204, b"")
    async with session.head(plane.endpoint("echo") + "/") as response:
        assert (response.status, await response.read()) == (200, b"")


async def test_an_app_that_does_not_answer_in_its_time_is_504(plane: Plane, session: aiohttp.ClientSession) -> None:
    app = declaration("hanging", ASGI)
    app.spec.timeouts.request_timeout.FromSeconds(1)
    from flyteidl2.app.app_payload_pb2 import CreateRequest

    plane.apps.create(CreateRequest(app=app))
    plane.wait("hanging")
    async with session.get(plane.endpoint("hanging") + "/hang") as response:
        assert response.status == 504
        assert await response.json() == {"error": "app shop/development/hanging did not answer within 1 s"}
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await session.ws_connect(plane.endpoint("hanging") + "/hang")
    assert caught.value.status == 504


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/login?next=/", "{prefix}/login?next=/"),
        ("http://{host}/login", "http://{host}{prefix}/login"),
        ("{prefix}/kept", "{prefix}/kept"),
        ("relative", "relative"),
        ("https://elsewhere.example/x", "https://elsewhere.example/x"),
    ],
)
def test_redirects_of_an_app_that_does_not_know_its_prefix_stay_below_it(
    plane: Plane, location: str, expected: str
) -> None:
    values = {"prefix": f"/apps/{PROJECT}/{DOMAIN}/echo", "host": f"127.0.0.1:{plane.port}"}
    connection = http.client.HTTPConnection("127.0.0.1", plane.port, timeout=60)
    connection.request("GET", f"{values['prefix']}/redirect?{location.format(**values)}")
    response = connection.getresponse()
    assert response.getheader("location") == expected.format(**values)
    connection.close()


async def test_the_host_form_serves_the_root(plane: Plane, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{plane.url}/x?y=1", headers=host(plane)) as response:
        facts = await response.json()
    assert facts["raw_path"] == "/x"
    assert "x-forwarded-prefix" not in dict(facts["headers"])
    own_link = f"{plane.url}/apps/{PROJECT}/{DOMAIN}/echo/static/a.js"
    async with session.get(own_link, headers=host(plane)) as response:
        assert (await response.json())["raw_path"] == "/static/a.js"


async def test_a_browsers_navigation_goes_to_the_host_form(plane: Plane, session: aiohttp.ClientSession) -> None:
    target = plane.endpoint("echo") + "/page?a=1"
    async with session.get(target, headers=NAVIGATION, allow_redirects=False) as response:
        assert response.status == 307
        assert response.headers["location"] == f"http://{LABEL}.localhost:{plane.port}/page?a=1"
    async with session.get(target, headers={**NAVIGATION, "Sec-Fetch-Mode": "cors"}) as response:
        assert response.status == 200


async def test_a_browser_is_told_that_the_app_starts_and_others_wait_for_it(
    plane: Plane, session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    plane.create("late", PLAIN, env={"BEHAVIOUR": "gated", "GATE": str(gate)})
    page = {**NAVIGATION, "Host": f"late-{PROJECT}-{DOMAIN}.localhost:{plane.port}"}
    other = asyncio.create_task(session.get(plane.endpoint("late") + "/first"))
    async with session.get(f"{plane.url}/", headers=page) as response:
        assert (response.status, response.headers["refresh"]) == (503, "1")
        assert "Waking late" in await response.text()
    gate.touch()
    async with session.post(f"{plane.url}/form", headers=page, data=b"x") as response:
        assert response.status == 501  # The app's own answer: it knows no POST.
    async with await other as response:
        assert response.status == 200
    async with session.get(f"{plane.url}/", headers=page) as response:
        assert response.status == 200
    plane.delete("late")
    async with session.get(
        f"{plane.url}/", headers={**NAVIGATION, "Host": f"nobody.localhost:{plane.port}"}
    ) as response:
        assert (response.status, response.content_type) == (404, "text/html")
        assert "No app is called nobody on this server." in await response.text()
    async with session.get(f"{plane.url}/", headers={"Host": f"nobody.localhost:{plane.port}"}) as response:
        assert await response.json() == {"error": "no app is called nobody on this server"}


@pytest.mark.parametrize("place", ["iframe", "frame", "embed", "object"])
async def test_a_page_in_a_frame_never_gets_the_servers_own_origin(
    plane: Plane, session: aiohttp.ClientSession, place: str
) -> None:
    """There it could start tasks: the console's address and the API's are one origin with the path form."""
    headers = {**NAVIGATION, "Sec-Fetch-Dest": place, "Sec-Fetch-Site": "cross-site"}
    async with session.get(plane.endpoint("echo") + "/page", headers=headers, allow_redirects=False) as response:
        assert response.status == 307


async def test_an_origin_that_is_no_url_is_foreign(plane: Plane, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{plane.url}/v2", headers={"Origin": "http://["}) as response:
        assert response.status == 403


def test_a_redirect_that_is_no_url_stays_as_it_is() -> None:
    scope = {"type": "http", "headers": [(b"host", b"127.0.0.1:1")]}
    assert response_headers([(b"location", b"http://[x")], "/apps/p/d/n", scope) == [(b"location", b"http://[x")]


async def test_websockets_echo_text_and_bytes_in_both_forms(plane: Plane, session: aiohttp.ClientSession) -> None:
    for url, headers in ((plane.endpoint("echo") + "/ws", {}), (f"{plane.url}/ws", host(plane))):
        async with session.ws_connect(url, headers=headers, protocols=("one", "two"), max_msg_size=0) as socket:
            assert socket.protocol == "two"
            await socket.send_str("hello")
            assert await socket.receive_str() == "echo hello"
            big = bytes(range(256)) * (1 << 14)
            await socket.send_bytes(big)
            assert await socket.receive_bytes() == big


async def test_a_websockets_closing_code_passes(plane: Plane, session: aiohttp.ClientSession) -> None:
    async with session.ws_connect(plane.endpoint("echo") + "/ws") as socket:
        await socket.send_str("close")
        message = await socket.receive()
        assert message.type == aiohttp.WSMsgType.CLOSE
        assert (message.data, message.extra) == (4321, "asked for")


@pytest.mark.parametrize(("name", "status"), [("echo/refuse", 403), ("unknown/ws", 404)])
async def test_a_refused_websocket_says_so(
    plane: Plane, session: aiohttp.ClientSession, name: str, status: int
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await session.ws_connect(plane.endpoint(name))
    assert caught.value.status == status


async def test_an_app_that_ends_in_a_websockets_handshake_is_an_answer(
    plane: Plane, session: aiohttp.ClientSession
) -> None:
    plane.up("vanishing", ASGI)
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await session.ws_connect(plane.endpoint("vanishing") + "/vanish")
    assert caught.value.status == 502
    until(lambda: "exited" in [e["event"] for e in plane.events("vanishing")])
    plane.wait("vanishing")
    ends = [e["event"] for e in plane.events("vanishing")].count("exited")
    assert ends == 1, "one handshake ended the app more than once"
    assert "/vanish failed" not in plane.home.server_log.read_text()


async def test_many_requests_at_once(plane: Plane, session: aiohttp.ClientSession) -> None:
    async def one(number: int) -> str:
        async with session.get(URL(plane.endpoint("echo") + f"/n?{number}")) as response:
            return str((await response.json())["query"])

    assert await asyncio.gather(*(one(n) for n in range(200))) == [str(n) for n in range(200)]


@pytest.mark.parametrize(
    "path", ["/apps", "/apps/", "/apps/shop", "/apps/shop/development", "/apps//x/y", "/apps/a/b/"]
)
def test_a_path_that_names_no_app_is_404(plane: Plane, path: str) -> None:
    code, body = status_of(plane.url + path)
    assert code == 404
    assert "error" in json.loads(body)


def test_names_that_collapse_to_one_host_are_told_apart_by_the_path(plane: Plane) -> None:
    from flyteidl2.app.app_payload_pb2 import CreateRequest

    for name, project in (("a-b", "c"), ("a", "b-c")):
        app = declaration(name, ASGI)
        app.metadata.id.name, app.metadata.id.project = name, project
        plane.apps.create(CreateRequest(app=app))
    code, body = status_of(plane.url, {"Host": f"a-b-c-{DOMAIN}.localhost:{plane.port}"})
    assert code == 409
    assert f"/apps/c/{DOMAIN}/a-b" in body
    assert f"/apps/b-c/{DOMAIN}/a" in body


def requests_of_foreigners() -> list[Any]:
    return [
        ("POST", "/local/v1/stop", {"Origin": "http://evil.example"}, 403),
        ("POST", "/local/v1/stop", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("GET", "/local/v1/owners", {"Origin": "null"}, 403),
        ("POST", "/local/v1/stop", {"Origin": "http://other-app.localhost:{port}"}, 403),
        ("GET", "/local/v1/info", {"Host": "evil.example:{port}"}, 421),
        ("GET", "/local/v1/info", {"Host": "127.0.0.1"}, 421),
        ("GET", "/local/v1/info", {"Host": "127.0.0.1.evil.example:{port}"}, 421),
        ("GET", "/apps/shop/development/echo/", {"Host": "evil.example:{port}"}, 421),
        ("GET", "/local/v1/info", {"Host": "LOCALHOST:{port}"}, 200),
        ("GET", "/local/v1/info", {"Origin": "http://127.0.0.1:{port}"}, 200),
    ]


@pytest.mark.parametrize(("method", "path", "headers", "status"), requests_of_foreigners())
def test_foreign_pages_and_rebound_names_get_nothing(
    plane: Plane, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    formatted = {name: value.format(port=plane.port) for name, value in headers.items()}
    assert status_of(plane.url + path, formatted, method)[0] == status
