"""Small requests on one connection: their order, their bodies, their limits."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator

import pytest
from flyteidl2.app import app_payload_pb2 as payload

from .conftest import ASGI, DOMAIN, PROJECT, Plane, declaration, until

PREFIX = f"/apps/{PROJECT}/{DOMAIN}/small"


@pytest.fixture(scope="module", autouse=True)
def _app(plane: Plane) -> None:
    app = declaration("small", ASGI)
    app.spec.timeouts.request_timeout.FromSeconds(2)
    plane.apps.create(payload.CreateRequest(app=app))
    plane.wait("small")


@pytest.fixture
def connection(plane: Plane) -> Iterator[http.client.HTTPConnection]:
    """A connection that has been used, so that the proxy has a connection to the app."""
    made = http.client.HTTPConnection("127.0.0.1", plane.port, timeout=60)
    for _ in range(2):
        assert ask(made, "/")["raw_path"] == "/"
    yield made
    made.close()


def ask(connection: http.client.HTTPConnection, path: str) -> dict[str, str]:
    connection.request("GET", PREFIX + path)
    response = connection.getresponse()
    assert response.status == 200
    return dict(json.loads(response.read()))


def test_requests_that_do_not_wait_are_answered_in_their_order(
    plane: Plane, connection: http.client.HTTPConnection
) -> None:
    paths = [f"/number/{n}" for n in range(6)]
    requests = [f"GET {PREFIX}{path} HTTP/1.1\r\nHost: 127.0.0.1:{plane.port}\r\n\r\n" for path in paths]
    connection.sock.sendall("".join(requests).encode())
    reader = connection.sock.makefile("rb")
    seen = []
    for _ in paths:
        length = 0
        while (line := reader.readline().strip()) != b"":
            name, _, value = line.lower().partition(b":")
            length = int(value) if name == b"content-length" else length
        seen.append(json.loads(reader.read(length))["raw_path"])
    assert seen == paths


@pytest.mark.parametrize("pieces", [[b"whole"], [b"in ", b"pie", b"ces"]])
def test_a_short_body_arrives_however_it_comes(
    plane: Plane, connection: http.client.HTTPConnection, pieces: list[bytes]
) -> None:
    whole = b"".join(pieces)
    head = f"POST {PREFIX}/count HTTP/1.1\r\nHost: 127.0.0.1:{plane.port}\r\nContent-Length: {len(whole)}\r\n\r\n"
    connection.sock.sendall(head.encode())
    for piece in pieces:
        connection.sock.sendall(piece)
    response = http.client.HTTPResponse(connection.sock, method="POST")
    response.begin()
    assert response.read() == b"%d" % len(whole)


def test_a_slow_answer_leaves_the_connection_usable(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", f"{PREFIX}/slowly")
    response = connection.getresponse()
    assert response.read() == b"0\n1\n2\n3\n4\n"
    assert ask(connection, "/after")["raw_path"] == "/after"


def test_the_limit_of_an_answer_is_kept(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", f"{PREFIX}/hang")
    response = connection.getresponse()
    assert response.status == 504, response.read()


def test_an_app_that_ended_meanwhile_is_waited_for(plane: Plane, connection: http.client.HTTPConnection) -> None:
    connection.request("GET", f"{PREFIX}/cut")
    with pytest.raises(http.client.IncompleteRead):
        connection.getresponse().read()
    connection.close()
    until(lambda: "exited" in [e["event"] for e in plane.events("small")])
    assert ask(connection, "/again")["raw_path"] == "/again"
