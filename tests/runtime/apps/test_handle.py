"""`rt.app`: what goes over the wire, and what comes back. Real servers, real sockets."""

from __future__ import annotations

import asyncio
import copy
import gc
import pickle
import threading
import time
import warnings
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import flyte_runtime as rt
import httpx
import pytest
from fastapi import FastAPI, Request, Response, UploadFile, WebSocket
from fastapi.responses import StreamingResponse
from flyte_runtime.apps.policy import Policy
from flyte_runtime.contract import AppInput
from flyte_runtime.errors import CallFailed, CallTimedOut, InvalidCall, SecretMissing, WouldBlock
from flyte_runtime.testing import wired

pytestmark = pytest.mark.usefixtures("closed_pool")
Serve = Callable[..., str]


def echo() -> FastAPI:
    app = FastAPI()

    @app.api_route("/echo/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def echo(request: Request) -> dict[str, Any]:
        return {
            "method": request.method,
            "path": request.url.path,
            "query": request.url.query,
            "headers": {name: request.headers.getlist(name) for name in request.headers},
            "body": (await request.body()).decode("latin-1"),
            "peer": request.client.port if request.client else 0,
        }

    @app.get("/slow")
    async def slow(seconds: float = 1.0) -> str:
        await asyncio.sleep(seconds)
        return "done"

    @app.get("/lines")
    async def lines() -> StreamingResponse:
        async def produce() -> Any:
            for number in range(5):
                yield f"{number}\n"
                await asyncio.sleep(0.01)

        return StreamingResponse(produce(), media_type="text/plain")

    @app.post("/upload")
    async def upload(file: UploadFile) -> dict[str, Any]:
        return {"name": file.filename, "size": len(await file.read())}

    @app.get("/cookie")
    async def cookie(response: Response) -> str:
        response.set_cookie("session", "abc")
        return "ok"

    @app.get("/moved")
    async def moved() -> Response:
        return Response(status_code=307, headers={"location": "/echo/there"})

    @app.websocket("/ws")
    async def ws(socket: WebSocket) -> None:
        await socket.accept()
        async for message in socket.iter_text():
            await socket.send_text(f"{message} {socket.headers.get('traceparent', '')}")

    return app


@pytest.fixture
def edge(serve: Serve) -> Any:
    with wired({"backend": serve(echo())}):
        yield rt.app("backend")


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
async def test_methods(edge: rt.AppHandle, method: str) -> None:
    response = await getattr(edge, method)("/echo/x")
    assert isinstance(response, httpx.Response)
    assert response.json()["method"] == method.upper()
    assert response.elapsed.total_seconds() > 0
    assert response.raise_for_status() is response


async def test_requests_are_httpxs(edge: rt.AppHandle) -> None:
    seen = (
        await edge.post(
            "echo/a b?one=1", params={"two": ["2", "3"]}, json={"k": "ü"}, headers={"X-Own": "yes"}, cookies={"c": "1"}
        )
    ).json()
    assert seen["path"] == "/echo/a b"
    assert seen["query"] == "two=2&two=3"  # as in httpx, params replace those of the URL
    assert seen["body"].encode("latin-1").decode() == '{"k":"ü"}'
    assert seen["headers"]["content-type"] == ["application/json"]
    assert seen["headers"]["x-own"] == ["yes"]
    assert seen["headers"]["cookie"] == ["c=1"]


async def test_no_header_is_sent_twice_and_the_callers_win(edge: rt.AppHandle) -> None:
    sent = {"User-Agent": "mine", "accept": "text/plain", "traceparent": "00-" + "1" * 32 + "-" + "2" * 16 + "-00"}
    headers = (await edge.get("/echo/", headers=sent)).json()["headers"]
    assert {name: values for name, values in headers.items() if len(values) > 1} == {}
    assert headers["user-agent"] == ["mine"]
    assert headers["accept"] == ["text/plain"]
    assert headers["traceparent"] == [sent["traceparent"]]
    plain = (await edge.get("/echo/")).json()["headers"]
    assert set(plain) == {"host", "accept", "accept-encoding", "user-agent", "traceparent"}


@pytest.mark.parametrize(
    ("path", "seen"), [("/echo/x", "/echo/x"), ("echo/x", "/echo/x"), ("/echo/a%2Fb", "/echo/a%2Fb"), ("//x", None)]
)
async def test_paths_continue_the_url(edge: rt.AppHandle, path: str, seen: str | None) -> None:
    response = await edge.get(path)
    if seen is None:
        assert response.status_code == 404
        assert response.request.url.host == "127.0.0.1"
    else:
        assert response.request.url.raw_path.decode() == seen


async def test_a_url_with_a_path_keeps_it(serve: Serve) -> None:
    with wired({"backend": serve(echo()) + "/echo/apps/p/d/n"}):
        assert (await rt.app("backend").get("/x")).json()["path"] == "/echo/apps/p/d/n/x"
        assert (await rt.app("backend").get("?q=1")).json()["query"] == "q=1"
        assert (await rt.app("backend").get()).json()["path"] == "/echo/apps/p/d/n"


@pytest.mark.parametrize(
    "path", ["..", "/../other", "/a/../../other", "a/..//../other", "/%2e%2E/other", "/..%2fother", "../?q=1", "/..#x"]
)
async def test_a_path_does_not_lead_to_another_app(serve: Serve, path: str) -> None:
    """On the local platform apps share a host; a part of the path may come from a stranger."""
    with wired({"backend": serve(echo()) + "/echo/apps/p/d/n"}):
        with pytest.raises(InvalidCall, match="leads above the wired app"):
            await rt.app("backend").get(path)
        with pytest.raises(InvalidCall, match="leads above the wired app"):
            async with rt.app("backend").websocket(path):
                pass
        assert (await rt.app("backend").get("/x/../y")).json()["path"] == "/echo/apps/p/d/n/y"
        assert (await rt.app("backend").get("/a..b?to=../c")).json()["path"] == "/echo/apps/p/d/n/a..b"


@pytest.mark.parametrize("form", [httpx.Headers, lambda sent: list(sent.items())])
async def test_headers_in_every_form_that_httpx_takes(edge: rt.AppHandle, form: Any) -> None:
    for sent in ({"Accept": "text/plain", "x-own": "e"}, {b"Accept": b"text/plain", b"x-own": "é".encode()}):
        headers = (await edge.get("/echo/", headers=form(sent))).json()["headers"]
        assert headers["accept"] == ["text/plain"]
        assert len(headers["x-own"]) == 1
    with pytest.raises(InvalidCall, match="the headers have one too"):
        await edge.post("/echo/", headers=form({b"Idempotency-Key": b"1"}), idempotency_key="2")


async def test_another_host_is_refused(edge: rt.AppHandle) -> None:
    with pytest.raises(InvalidCall, match="calls go to the wired app only"):
        await edge.get("http://elsewhere.example/x")


@pytest.mark.parametrize(
    "options",
    [
        {"json": object()},
        {"params": 3},
        {"headers": {"a\n": "b"}},
        {"headers": 5},
        {"headers": {"a": None}},
        {"headers": ["a"]},
        {"timeout": 0},
    ],
)
async def test_arguments_that_make_no_request(edge: rt.AppHandle, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidCall):
        await edge.post("/echo/", **options)


async def test_files_and_generators_are_sent(edge: rt.AppHandle) -> None:
    for content in (bytearray(b"ab"), memoryview(b"ab")):
        assert (await edge.post("/echo/", content=content)).json()["body"] == "ab"
    uploaded = await edge.post("/upload", files={"file": ("a.txt", b"x" * 100_000)})
    assert uploaded.json() == {"name": "a.txt", "size": 100_000}

    async def produce() -> Any:
        for _ in range(3):
            yield b"chunk"

    assert (await edge.post("/echo/", content=produce())).json()["body"] == "chunk" * 3


@pytest.mark.parametrize("kind", ["iterator", "list", "asynchronous", "file"])
def test_a_body_in_pieces_on_both_faces(serve: Serve, tmp_path: Path, kind: str) -> None:
    (tmp_path / "body").write_bytes(b"ab" * 100_000)

    async def produce() -> Any:
        yield b"ab" * 50_000
        yield b"ab" * 50_000

    def content() -> Any:
        if kind == "file":
            return stack.enter_context((tmp_path / "body").open("rb"))
        pieces = [b"ab" * 50_000] * 2
        return {"iterator": iter(pieces), "list": pieces, "asynchronous": produce()}[kind]

    with wired({"backend": serve(echo())}), ExitStack() as stack:
        for seen in (
            rt.app("backend").sync.post("/echo/", content=content()).json(),
            asyncio.run(rt.app("backend").post("/echo/", content=content())).json(),
        ):
            assert seen["body"] == "ab" * 100_000
            framed = "content-length" if kind == "file" else "transfer-encoding"
            assert framed in seen["headers"]


async def test_an_iterator_that_waits_does_not_stop_the_event_loop(edge: rt.AppHandle) -> None:
    released = threading.Event()

    def produce() -> Iterator[bytes]:
        yield b"a"
        assert released.wait(60)
        yield b"b"

    call = asyncio.create_task(edge.post("/echo/", content=produce()))
    await asyncio.sleep(0.1)
    released.set()
    assert (await call).json()["body"] == "ab"


@pytest.mark.parametrize("error", [KeyError("mine"), TimeoutError("mine"), OSError("mine"), httpx.ReadError("mine")])
@pytest.mark.parametrize("asynchronous", [True, False])
async def test_what_the_callers_own_body_raises_comes_out_as_it_is(
    edge: rt.AppHandle, error: Exception, asynchronous: bool
) -> None:
    async def produce() -> AsyncIterator[bytes]:
        yield b"a"
        raise error

    def produce_synchronously() -> Iterator[bytes]:
        yield b"a"
        raise error

    with pytest.raises(type(error), match="mine") as caught:
        await edge.put("/echo/", content=produce() if asynchronous else produce_synchronously())
    assert caught.value is error or not asynchronous  # a thread gives a TimeoutError as a new one
    assert caught.value.__cause__ is None


async def test_a_body_of_text_is_refused(edge: rt.AppHandle) -> None:
    with pytest.raises(InvalidCall, match="the body is made of str: expected bytes"):
        await edge.post("/echo/", content=iter(["text"]))


async def test_streams(edge: rt.AppHandle) -> None:
    async with edge.stream("GET", "/lines") as response:
        assert [line async for line in response.aiter_lines()] == ["0", "1", "2", "3", "4"]


async def test_an_answer_in_chunks_has_the_headers_that_came(edge: rt.AppHandle) -> None:
    response = await edge.get("/lines")
    assert response.text == "0\n1\n2\n3\n4\n"
    assert response.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in response.headers
    assert response.num_bytes_downloaded == 10
    assert response.is_closed


async def test_a_stream_left_early_leaves_nothing_open(edge: rt.AppHandle) -> None:
    async with edge.stream("GET", "/lines") as response:
        async for _ in response.aiter_lines():
            break
    assert (await edge.get("/echo/")).status_code == 200


async def test_redirects_are_not_followed_and_cookies_not_kept(edge: rt.AppHandle) -> None:
    assert (await edge.get("/moved")).status_code == 307
    assert (await edge.get("/cookie")).cookies["session"] == "abc"
    assert "cookie" not in (await edge.get("/echo/")).json()["headers"]


async def test_compressed_bodies_are_decoded(serve: Serve) -> None:
    from starlette.middleware.gzip import GZipMiddleware

    app = FastAPI()
    app.add_middleware(GZipMiddleware, minimum_size=10)

    @app.get("/")
    async def long() -> str:
        return "x" * 5000

    with wired({"backend": serve(app)}):
        response = await rt.app("backend").get("/")
        assert response.headers["content-encoding"] == "gzip"
        assert response.json() == "x" * 5000
        async with rt.app("backend").stream("GET", "/") as streamed:
            assert len(await streamed.aread()) == 5002


async def test_connections_are_reused(edge: rt.AppHandle) -> None:
    peers = {(await edge.get("/echo/")).json()["peer"] for _ in range(20)}
    assert len(peers) == 1


async def test_handles_share_one_pool(serve: Serve) -> None:
    url = serve(echo())
    with wired({"one": url, "two": url}):
        peers = {(await rt.app(alias).get("/echo/")).json()["peer"] for alias in ["one", "two"] * 5}
    assert len(peers) == 1


async def test_first_calls_at_once_open_one_pool(edge: rt.AppHandle) -> None:
    from flyte_runtime.apps import pools

    responses = await asyncio.gather(*(edge.get("/echo/") for _ in range(30)))
    assert all(response.status_code == 200 for response in responses)
    assert sum(loop is asyncio.get_running_loop() for loop in pools._pools) == 1


def test_a_loop_that_ends_closes_its_connections(serve: Serve) -> None:
    with wired({"backend": serve(echo())}), warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            assert asyncio.run(rt.app("backend").get("/echo/")).status_code == 200
        gc.collect()


def test_a_loop_that_ends_is_not_remembered(serve: Serve) -> None:
    from flyte_runtime.apps import pools

    async def call() -> weakref.ref[asyncio.AbstractEventLoop]:
        await rt.app("backend").get("/echo/")
        return weakref.ref(asyncio.get_running_loop())

    with wired({"backend": serve(echo())}):
        gc.collect()  # the loops of earlier tests
        before = len(pools._pools)
        loops = [asyncio.run(call()) for _ in range(3)]
        gc.collect()
        assert [loop() for loop in loops] == [None] * 3
        assert len(pools._pools) == before


async def test_the_total_time_covers_everything(edge: rt.AppHandle) -> None:
    started = time.monotonic()
    with pytest.raises(CallTimedOut, match=r"within 0\.2 s .*edge's timeout") as caught:
        await edge.get("/slow?seconds=60", timeout=0.2)
    assert time.monotonic() - started < 50
    assert isinstance(caught.value, TimeoutError)
    assert (caught.value.alias, caught.value.attempts) == ("backend", 1)


async def test_a_server_that_hangs_fails_by_the_read_limit_and_says_so(edge: rt.AppHandle) -> None:
    edge.policy = replace(edge.policy, read=0.2)
    with pytest.raises(CallTimedOut) as caught:
        await edge.get("/slow?seconds=60", retries=0)
    assert "within 300 s" not in str(caught.value)


async def test_the_edges_timeout_holds_and_a_calls_own_wins(serve: Serve) -> None:
    url = serve(echo())
    with wired({"backend": AppInput(project="p", domain="d", name="n", url=url, timeout=0.2)}):
        with pytest.raises(CallTimedOut):
            await rt.app("backend").get("/slow?seconds=60")
        assert (await rt.app("backend").get("/slow?seconds=0.6", timeout=60)).json() == "done"


async def test_a_stream_may_last_longer_than_its_timeout(edge: rt.AppHandle) -> None:
    async with edge.stream("GET", "/lines", timeout=0.5) as response:
        await asyncio.sleep(0.6)
        assert len([line async for line in response.aiter_lines()]) == 5


async def test_a_cancelled_call_frees_its_connection(edge: rt.AppHandle) -> None:
    call = asyncio.create_task(edge.get("/slow?seconds=60"))
    await asyncio.sleep(0.1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (await edge.get("/echo/")).status_code == 200


async def test_the_edges_credential_is_attached(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    url = serve(echo())
    with wired({"backend": AppInput(project="p", domain="d", name="n", url=url, credential_variable="EDGE_TOKEN")}):
        with pytest.raises(SecretMissing, match="EDGE_TOKEN is not set"):
            await rt.app("backend").get("/echo/")
        monkeypatch.setenv("EDGE_TOKEN", "t0ken")
        assert (await rt.app("backend").get("/echo/")).json()["headers"]["flyte-caller-token"] == ["t0ken"]
        assert "t0ken" not in repr(rt.app("backend"))


async def test_websocket(edge: rt.AppHandle) -> None:
    async with edge.websocket("/ws") as socket:
        await socket.send("hi")
        word, parent = str(await socket.recv()).split()
        assert word == "hi"
        assert parent.startswith("00-")


def test_sync_face(serve: Serve) -> None:
    with wired({"backend": serve(echo())}):
        backend = rt.app("backend").sync
        assert backend.post("/echo/x", json=[1]).json()["body"] == "[1]"
        for method in ("get", "put", "patch", "delete"):
            assert getattr(backend, method)("/echo/").json()["method"] == method.upper()
        with backend.stream("GET", "/lines") as response:
            assert list(response.iter_lines()) == ["0", "1", "2", "3", "4"]
            assert response.elapsed.total_seconds() > 0
        assert backend.url == rt.app("backend").url


def test_sync_face_from_many_threads_shares_one_pool(serve: Serve) -> None:
    with wired({"backend": serve(echo())}):
        peers: list[int] = []

        def call() -> None:
            for _ in range(5):
                peers.append(rt.app("backend").sync.get("/echo/").json()["peer"])

        threads = [threading.Thread(target=call) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(peers) == 40
    assert len(set(peers)) <= 8


async def test_sync_face_refuses_to_block_a_loop(edge: rt.AppHandle) -> None:
    with pytest.raises(WouldBlock, match=r"await rt\.app\('backend'\)"):
        edge.sync.get("/echo/")


async def test_an_asgi_application_in_place_of_a_server() -> None:
    with wired({"backend_url": echo()}):
        assert (await rt.app("backend_url").get("/echo/x")).json()["path"] == "/echo/x"


async def test_fifty_at_once(edge: rt.AppHandle) -> None:
    responses = await asyncio.gather(*(edge.get(f"/echo/{n}") for n in range(200)))
    assert [response.json()["path"] for response in responses] == [f"/echo/{n}" for n in range(200)]


async def test_without_aiohttp_httpxs_own_transport_serves(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "flyte_runtime.apps.aiohttp_transport", None)
    with wired({"backend": serve(echo())}):
        assert (await rt.app("backend").get("/echo/")).status_code == 200
        async with rt.app("backend").stream("GET", "/lines") as response:
            assert len([line async for line in response.aiter_lines()]) == 5
        with pytest.raises(CallTimedOut):
            await rt.app("backend").get("/slow?seconds=60", timeout=0.2)


@pytest.mark.parametrize("method", ["head", "options"])
async def test_methods_without_a_route_of_their_own(edge: rt.AppHandle, method: str) -> None:
    response = await getattr(edge, method)("/echo/x")
    assert response.request.method == method.upper()
    assert response.status_code == 405


async def test_an_httpx_timeout_limits_the_attempt_and_leaves_the_whole(edge: rt.AppHandle) -> None:
    edge.policy = replace(edge.policy, total=60)
    started = time.monotonic()
    with pytest.raises(CallTimedOut, match="after 2 attempts"):
        await edge.get("/slow?seconds=60", timeout=httpx.Timeout(None, read=0.2), retries=1)
    assert time.monotonic() - started < 50
    assert (await edge.get("/slow?seconds=0.1", timeout=httpx.Timeout(60))).json() == "done"


@pytest.mark.parametrize(
    "timeout",
    [
        *(-1, 0, float("nan"), float("inf"), "5", object(), (1, 2)),
        *(httpx.Timeout(float("nan")), httpx.Timeout(5, connect=-1), httpx.Timeout(5, read=0)),
    ],
)
async def test_a_timeout_that_is_none(edge: rt.AppHandle, timeout: Any) -> None:
    with pytest.raises(InvalidCall, match="expected finite seconds above 0"):
        await edge.get("/echo/", timeout=timeout)


@pytest.mark.parametrize("retries", [-1, 1.5, "2"])
async def test_retries_that_are_no_number_of_them(edge: rt.AppHandle, retries: Any) -> None:
    with pytest.raises(InvalidCall, match="expected the number of further attempts"):
        await edge.get("/echo/", retries=retries)


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "a"}])
async def test_a_key_that_could_not_tell_calls_apart(edge: rt.AppHandle, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidCall, match=r"idempotency_key='.?' cannot be sent"):
        await edge.post("/echo/", headers=headers, idempotency_key="b" if headers else "")


async def test_a_path_may_hold_a_url(edge: rt.AppHandle) -> None:
    assert (await edge.get("/echo/of/http://x/y")).json()["path"] == "/echo/of/http://x/y"


async def test_a_body_that_cannot_be_decoded_is_this_librarys_error(serve: Serve) -> None:
    app = FastAPI()

    @app.get("/")
    async def broken() -> Response:
        return Response(b"this is no gzip", headers={"content-encoding": "gzip"})

    with wired({"backend": serve(app)}), pytest.raises(CallFailed, match=r"decompressing|gzip|header") as caught:
        await rt.app("backend").get("/")
    assert caught.value.attempts == 1


async def test_an_asgi_applications_response_knows_its_request() -> None:
    with wired({"backend": echo()}):
        response = await rt.app("backend").get("/echo/x")
        assert response.request.url.path == "/echo/x"
        assert response.raise_for_status() is response
        with pytest.raises(httpx.HTTPStatusError, match="404"):
            (await rt.app("backend").get("/absent")).raise_for_status()
        async with rt.app("backend").stream("GET", "/lines") as streamed:
            assert [line async for line in streamed.aiter_lines()] == ["0", "1", "2", "3", "4"]


def test_the_synchronous_face_has_the_same_urls_and_methods(serve: Serve) -> None:
    url = serve(echo())
    with wired({"backend": AppInput(project="p", domain="d", name="n", url=url, public_url="https://public")}):
        backend = rt.app("backend").sync
        assert (backend.url, backend.public_url) == (url, "https://public")
        assert repr(backend) == "rt.app('backend').sync"
        assert backend.head("/echo/").status_code == backend.options("/echo/").status_code == 405


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda handle: pickle.loads(pickle.dumps(handle))])
def test_a_handle_is_copied_and_pickled_by_its_alias(again: Callable[[Any], Any]) -> None:
    for handle in (rt.app("backend"), rt.task("train")):
        assert again(handle) is handle
        assert repr(again(handle.sync)) == repr(handle.sync)
    unshared = again(rt.AppHandle("backend", Policy(retries=0)))
    assert unshared is not rt.app("backend")
    assert unshared.policy == Policy(retries=0)
