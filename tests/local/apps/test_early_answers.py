"""An app may answer before it has read the body, and close: the client gets that answer, each time."""

from __future__ import annotations

import http.client
import socket
from collections import Counter
from collections.abc import Iterator

import pytest

from .conftest import DOMAIN, PROGRAMS, PROJECT, Plane

TIMES = 25
MB = 1_000_000


@pytest.fixture(scope="module")
def app(plane: Plane) -> Iterator[str]:
    """The path of an app that answers early."""
    plane.up("early", ["python", str(PROGRAMS / "early.py"), "8080"])
    yield f"/apps/{PROJECT}/{DOMAIN}/early"
    plane.delete("early")


@pytest.fixture
def connection(plane: Plane) -> Iterator[http.client.HTTPConnection]:
    made = http.client.HTTPConnection("127.0.0.1", plane.port, timeout=60)
    yield made
    made.close()


def post(connection: http.client.HTTPConnection, path: str, size: int, chunked: bool) -> tuple[int, int]:
    """Status and length of the answer, however the client's connection fared."""
    pieces = (b"x" * min(64_000, size - at) for at in range(0, size, 64_000))
    headers = {} if chunked else {"content-length": str(size)}
    connection.request("POST", path, body=pieces, headers=headers, encode_chunked=chunked)
    with connection.getresponse() as response:
        return response.status, len(response.read())


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize("size", [50_000, 300_000, 3 * MB, 20 * MB])
@pytest.mark.parametrize("way", ["length", "chunked", "close", "two", "reading"])
def test_the_answer_arrives(
    app: str, connection: http.client.HTTPConnection, way: str, size: int, chunked: bool
) -> None:
    times = TIMES if size < 10 * MB else 5
    answers = Counter(post(connection, f"{app}/{way}", size, chunked) for _ in range(times))
    assert answers == {(413, 9): times}


def test_a_long_answer_arrives_as_a_whole(app: str, connection: http.client.HTTPConnection) -> None:
    answers = Counter(post(connection, f"{app}/large", 3 * MB, False) for _ in range(TIMES))
    assert answers == {(413, 50_000): TIMES}


def test_a_client_that_waits_for_leave_to_send_gets_the_answer(app: str, plane: Plane) -> None:
    head = f"POST {app}/length HTTP/1.1\r\nhost: 127.0.0.1:{plane.port}\r\n"
    head += f"expect: 100-continue\r\ncontent-length: {3 * MB}\r\n\r\n"
    for _ in range(TIMES):
        with socket.create_connection(("127.0.0.1", plane.port), timeout=60) as client:
            client.sendall(head.encode())
            with client.makefile("rb") as reader:
                line = reader.readline()
                if line.startswith(b"HTTP/1.1 100"):
                    assert reader.readline() == b"\r\n"
                    client.sendall(b"x" * 3 * MB)
                    line = reader.readline()
                assert line.startswith(b"HTTP/1.1 413")


def test_the_clients_connection_stays_open(app: str, plane: Plane, connection: http.client.HTTPConnection) -> None:
    assert post(connection, f"{app}/length", 3 * MB, False) == (413, 9)
    first = connection.sock
    for _ in range(5):
        connection.request("GET", f"{app}/")
        with connection.getresponse() as response:
            assert (response.status, response.read()) == (200, b"ok")
        assert post(connection, f"{app}/length", 3 * MB, True) == (413, 9)
    assert connection.sock is first
