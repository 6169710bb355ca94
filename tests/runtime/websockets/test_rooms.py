"""Rooms behind a real server: which clients get a message, which are closed, and how that affects the others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket
from flyte_runtime.errors import ClientLeft, InvalidMessage, ServeError
from flyte_runtime.websockets import Limits, Refused, Rooms, attend
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.runtime.websockets.conftest import Deaf, chat, joined, until

Serve = Callable[..., str]


async def closed(connection: Any) -> tuple[int, str]:
    """Read the remaining messages. Return the code and reason with which the connection was closed."""
    try:
        while True:
            await connection.recv()
    except ConnectionClosed as error:
        return (error.rcvd.code, error.rcvd.reason) if error.rcvd else (1006, "")


async def test_everybody_else_in_the_room_hears_and_nobody_in_another(serve: Serve) -> None:
    rooms = Rooms()
    url = serve(chat(rooms))
    async with joined(f"{url}/chat/a") as ann, joined(f"{url}/chat/a") as bob, joined(f"{url}/chat/b") as eve:
        await until(lambda: len(rooms) == 3)
        assert sorted(rooms) == ["a", "b"]
        await ann.send("hello")
        await ann.send(b"\x00\x01")
        assert [await bob.recv(), await bob.recv()] == ["hello", b"\x00\x01"]
        await eve.send("still here")
        await bob.send("back")
        assert await ann.recv() == "back"
    await until(lambda: list(rooms) == [])  # a room goes after its last client
    assert len(rooms) == 0


async def test_a_message_is_text_bytes_or_json_and_encoded_once(serve: Serve) -> None:
    rooms = Rooms()
    url = serve(chat(rooms))

    class Counted(dict[str, int]):
        encoded = 0

        def items(self) -> Any:
            Counted.encoded += 1
            return super().items()

    async with joined(f"{url}/chat/a") as ann, joined(f"{url}/chat/a") as bob:
        await until(lambda: len(rooms) == 2)
        loop = rooms._loop
        assert loop is not None

        async def say() -> list[int]:
            room = rooms["a"]
            return [await room.broadcast(message) for message in ("é", b"b", [1, None], Counted(n=1), None)]

        reached = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(say(), loop))
        assert await reached == [2] * 5
        for client in (ann, bob):
            assert [await client.recv() for _ in range(5)] == ["é", b"b", "[1,null]", '{"n":1}', "null"]
    assert Counted.encoded == 1


@pytest.mark.parametrize("message", [object(), {1, 2}, float("nan"), "\ud800", {"a": "\udfff"}])
async def test_what_cannot_be_sent_is_said_to_the_sender(message: Any) -> None:
    with pytest.raises(InvalidMessage, match="cannot be sent"):
        await Rooms()["a"].broadcast(message)


async def test_rooms_belong_to_their_clients_loop(serve: Serve) -> None:
    rooms = Rooms()
    async with joined(f"{serve(chat(rooms))}/chat/a"):
        await until(lambda: len(rooms) == 1)
        with pytest.raises(ServeError, match=r"another event loop.*`with TestClient\(app\) as client`"):
            await rooms["a"].broadcast("x")


async def test_a_reader_that_stalls_is_closed_with_1013_and_nobody_waits_for_it(serve: Serve) -> None:
    rooms = Rooms(queue=64, stall_timeout=60, rate=None)
    url = serve(chat(rooms))
    async with joined(f"{url}/chat/a") as ann, joined(f"{url}/chat/a") as bob:
        with Deaf(f"{url}/chat/a") as deaf:
            await until(lambda: len(rooms) == 3)
            text, sent = "x" * 50_000, 0
            while len(rooms) == 3:
                await ann.send(f"{sent} {text}")
                sent += 1
                assert str(await bob.recv()).startswith(f"{sent - 1} ")
                assert sent < 2000
            assert deaf.closing_frame() == (1013, "too slow: 64 messages wait")
        await ann.send("go on")
        assert await bob.recv() == "go on"


async def test_one_send_longer_than_the_stall_timeout_is_an_eviction_too(serve: Serve) -> None:
    rooms = Rooms(queue=100_000, queue_bytes=2**30, stall_timeout=0.5, rate=None, max_message=2**20)
    url = serve(chat(rooms), ws_max_size=2**21)
    async with joined(f"{url}/chat/a") as ann:
        with Deaf(f"{url}/chat/a") as deaf:
            await until(lambda: len(rooms) == 2)
            for _ in range(40):
                await ann.send("x" * 1_000_000)
            await until(lambda: len(rooms) == 1)
            code, reason = deaf.closing_frame()
        assert code == 1013
        assert reason.startswith("stalled: it took nothing for")


async def test_the_bytes_that_wait_are_bounded_as_well(serve: Serve) -> None:
    rooms = Rooms(queue=100_000, queue_bytes=1_000_000, stall_timeout=60, rate=None)
    url = serve(chat(rooms))
    async with joined(f"{url}/chat/a") as ann:
        with Deaf(f"{url}/chat/a"):
            await until(lambda: len(rooms) == 2)
            for sent in range(2000):
                await ann.send("x" * 60_000)
                waiting = [client.waiting for client in rooms["a"]]
                assert max(waiting) <= 17
                if len(rooms) == 1:
                    break
                if sent % 20 == 0:
                    await asyncio.sleep(0.01)
            await until(lambda: len(rooms) == 1)


async def test_many_who_speak_at_once_evict_nobody(serve: Serve) -> None:
    """All broadcasts begin in one turn of the event loop, so the queues are full before a writer can run."""
    rooms = Rooms(queue=8)
    url = serve(chat(rooms))
    async with joined(f"{url}/chat/a") as ann, joined(f"{url}/chat/a") as bob:
        await until(lambda: len(rooms) == 2)
        assert rooms._loop is not None

        async def all_at_once() -> list[int]:
            return await asyncio.gather(*(rooms["a"].broadcast(str(n)) for n in range(500)))

        reached = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(all_at_once(), rooms._loop))
        assert await reached == [2] * 500
        heard = [await ann.recv() for _ in range(500)]
        assert heard == [await bob.recv() for _ in range(500)]
        assert sorted(heard, key=lambda text: int(text)) == [str(n) for n in range(500)]


async def test_too_large_too_many_and_what_the_others_see(serve: Serve) -> None:
    rooms = Rooms(max_message=1000, rate=5, burst=10)
    url = serve(chat(rooms))
    async with joined(f"{url}/chat/a") as ann, joined(f"{url}/chat/a") as bob:
        await until(lambda: len(rooms) == 2)
        await ann.send("é" * 500)
        assert await bob.recv() == "é" * 500
        await ann.send("é" * 501)
        assert await closed(ann) == (1009, "a message may have 1000 bytes")
    async with joined(f"{url}/chat/a") as ann:
        for _ in range(30):
            await ann.send("x")
        assert await closed(ann) == (1008, "more than 5 messages a second")
    await until(lambda: len(rooms) == 0)


async def refusal(url: str, **options: Any) -> tuple[int, str, str | None]:
    """Return the status, the text and Retry-After of the answer to a handshake that is refused."""
    with pytest.raises(InvalidStatus) as refused:
        async with joined(url, **options):
            pytest.fail("let in")
    response = refused.value.response
    return response.status_code, (response.body or b"").decode(), response.headers.get("Retry-After")


@pytest.mark.parametrize(
    ("limits", "status", "reason"),
    [
        ({"max_clients": 1}, 503, "1 clients is the limit"),
        ({"max_per_room": 1}, 503, "1 clients in this room is the limit"),
        ({"max_per_address": 1}, 429, "1 clients from this address is the limit"),
    ],
)
async def test_caps_refuse_before_the_handshake_and_a_place_is_free_again(
    serve: Serve, limits: dict[str, int], status: int, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    rooms = Rooms(**limits)  # type: ignore[arg-type]
    url = serve(chat(rooms))
    async with joined(f"{url}/chat/a"):
        assert await refusal(f"{url}/chat/a") == (status, reason, "1")
        if "max_per_room" in limits:
            async with joined(f"{url}/chat/b"):
                pass
    await until(lambda: not rooms._count)
    async with joined(f"{url}/chat/a") as again:
        await again.send("x")
    assert "Traceback" not in caplog.text


async def test_a_page_of_another_origin_is_refused_and_its_own_let_in(serve: Serve) -> None:
    rooms = Rooms(origins=["https://app.example"])
    url = serve(chat(rooms)) + "/chat/a"
    same_host = url.removesuffix("/chat/a").replace("ws", "http", 1)
    for origin in (None, same_host, "https://app.example"):
        async with joined(url, origin=origin):
            pass
    for origin in ("https://evil.example", "null", "https://app.example.evil", same_host + "1"):
        status, reason, _ = await refusal(url, origin=origin)
        assert (status, reason) == (403, "pages of this origin may not connect: see origins= of Rooms")
    async with joined(serve(chat(Rooms(origins="*"))) + "/chat/a", origin="https://evil.example"):
        pass


async def test_who_was_accepted_before_is_refused_by_a_closing_code(serve: Serve) -> None:
    app, rooms, refusals = FastAPI(), Rooms(), []

    @app.websocket("/late")
    async def late(ws: WebSocket) -> None:
        await ws.accept()
        try:
            async with rooms.join(ws, "a"):
                raise AssertionError
        except Refused as error:
            refusals.append((error.status, error.reason))

    async with joined(f"{serve(app)}/late", origin="https://evil.example") as ann:
        code, reason = await closed(ann)
    assert (code, reason) == (1008, "pages of this origin may not connect: see origins= of Rooms")
    await until(lambda: refusals)  # the handler goes on after the close frame was sent
    assert refusals == [(403, reason)]
    assert len(rooms) == 0


async def test_a_server_that_knows_no_answers_to_handshakes_refuses_all_the_same(serve: Serve) -> None:
    app = chat(Rooms())

    async def older(scope: Any, receive: Any, send: Any) -> None:
        scope.pop("extensions", None)
        await app(scope, receive, send)

    status, _, _ = await refusal(f"{serve(older)}/chat/a", origin="https://evil.example")
    assert status == 403


async def test_a_handler_that_closes_by_itself_has_no_client_any_more(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    app, codes = FastAPI(), []

    @app.websocket("/own")
    async def own(ws: WebSocket) -> None:
        async with attend(ws) as client:
            await ws.close(4000)
            await client.send("too late")
            await asyncio.wait_for(client.left, 30)
            codes.append(client.code)
            await client.send("much too late")

    async with joined(f"{serve(app)}/own") as ann:
        assert await closed(ann) == (4000, "")
    await until(lambda: codes)
    assert codes[0] in {4000, 1006}  # 4000 if the client's reader notices first, 1006 if its writer does
    await asyncio.sleep(0.1)
    assert "Traceback" not in caplog.text


def test_origins_are_a_list() -> None:
    with pytest.raises(ServeError, match="is one text"):
        Rooms(origins="https://app.example")


@pytest.mark.parametrize("limits", [{"queue": 0}, {"stall_timeout": -1}, {"rate": 0}])
def test_limits_that_let_nobody_work(limits: dict[str, Any]) -> None:
    with pytest.raises(ServeError, match="above 0"):
        Rooms(**limits)


async def test_a_dead_peer_is_noticed_by_the_servers_pings(serve: Serve) -> None:
    rooms = Rooms()
    url = serve(chat(rooms), ws_ping_interval=1, ws_ping_timeout=3)
    async with joined(f"{url}/chat/a"):
        with Deaf(f"{url}/chat/a"):  # answers no ping
            await until(lambda: len(rooms) == 2)
            await until(lambda: len(rooms) == 1)


async def test_closing_the_rooms_sends_what_waits_and_1012_and_lets_nobody_in(serve: Serve) -> None:
    rooms = Rooms()
    url = serve(chat(rooms))
    async with joined(f"{url}/chat/a") as ann:
        await until(lambda: len(rooms) == 1)
        assert rooms._loop is not None

        async def stop() -> None:
            await rooms["a"].broadcast("last words")
            await rooms.close()

        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(stop(), rooms._loop))
        assert await ann.recv() == "last words"
        assert await closed(ann) == (1012, "")
        assert (await refusal(f"{url}/chat/a"))[0] == 503


async def test_a_handler_that_ends_sends_what_waits_and_one_that_fails_says_1011(serve: Serve) -> None:
    app = FastAPI()

    @app.websocket("/well")
    async def well(ws: WebSocket) -> None:
        async with attend(ws) as client:
            for number in range(1000):
                await client.send({"n": number})

    @app.websocket("/badly")
    async def badly(ws: WebSocket) -> None:
        await ws.accept()
        async with attend(ws):
            raise ZeroDivisionError

    url = serve(app)
    async with joined(f"{url}/well") as ann:
        assert [json.loads(await ann.recv())["n"] for _ in range(1000)] == list(range(1000))
        assert await closed(ann) == (1000, "")
    async with joined(f"{url}/badly") as ann:
        assert await closed(ann) == (1011, "")


async def test_a_handler_at_work_learns_that_its_client_left(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    app, codes = FastAPI(), []

    @app.websocket("/work")
    async def work(ws: WebSocket) -> None:
        async with attend(ws) as client:
            try:
                await client.while_here(asyncio.sleep(60))
            except ClientLeft as left:
                with pytest.raises(ClientLeft):
                    await client.send("into the void")
                assert client.code == 1001
                codes.append(left.code)
                raise

    async with joined(f"{serve(app)}/work") as ann:
        await ann.close(1001)
    await until(lambda: codes == [1001])
    await asyncio.sleep(0.1)
    assert "Traceback" not in caplog.text


async def test_sending_to_one_client_waits_for_it_instead_of_evicting_it(serve: Serve) -> None:
    app, sent = FastAPI(), []

    @app.websocket("/tokens")
    async def tokens(ws: WebSocket) -> None:
        async with attend(ws, Limits(queue=4)) as client:
            for number in range(3000):
                await client.send(f"{number} {'x' * 10_000}")
                sent.append(number)

    async with joined(f"{serve(app)}/tokens", max_queue=1) as ann:
        await asyncio.sleep(0.5)
        assert len(sent) < 3000
        for number in range(3000):
            assert str(await ann.recv()).startswith(f"{number} ")


async def test_refused_is_an_error_of_this_library() -> None:
    from flyte_runtime.errors import FlyteRuntimeError

    assert issubclass(Refused, FlyteRuntimeError)
