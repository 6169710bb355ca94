"""Every request, valid or not, gets at most a sentence as its answer, and the server survives. Long form: a soak."""

from __future__ import annotations

import random
from collections.abc import Iterator

import psutil
import pytest
from flyteidl2.app.app_payload_pb2 import ListRequest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.local.apps.conftest import Plane, running

from .cases import Call, Cases, bomb, mounted, problem
from .doors import InProcess, OverHttp

pytestmark = pytest.mark.timeout(180)
_FUZZ = settings(
    max_examples=120,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
    derandomize=True,
)
_RANDOM = st.randoms(use_true_random=False)


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Call, ...]:
    return mounted(tmp_path_factory.mktemp("mounted"))


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    made = InProcess(tmp_path_factory.mktemp("inside"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with running(tmp_path_factory.mktemp("fuzzed")) as made:
        yield made


def check(door: InProcess | OverHttp, cases: Cases) -> None:
    case = cases.case()
    answer = door.send(case)
    assert problem(case, answer) is None, f"{problem(case, answer)}: {case}\n{answer.body[:600]!r}"


@_FUZZ
@given(rng=_RANDOM)
def test_what_hypothesis_finds(inside: InProcess, calls: tuple[Call, ...], rng: random.Random) -> None:
    check(inside, Cases(rng, calls))


def test_thousands_of_requests(inside: InProcess, calls: tuple[Call, ...]) -> None:
    cases = Cases(random.Random(7), calls)
    for _ in range(1500):
        check(inside, cases)


def test_every_call_is_reached_and_survives(inside: InProcess, calls: tuple[Call, ...]) -> None:
    cases = Cases(random.Random(8), calls)
    for call in calls:
        for _ in range(5):
            case = cases.rpc(call)
            answer = inside.send(case)
            assert problem(case, answer) is None, f"{problem(case, answer)}: {case}\n{answer.body[:600]!r}"


def test_a_real_process_over_http(plane: Plane, calls: tuple[Call, ...]) -> None:
    cases = Cases(random.Random(9), calls)
    door = OverHttp(plane.port)
    before = psutil.Process(plane.pid).memory_info().rss
    for _ in range(400):
        check(door, cases)
    assert psutil.Process(plane.pid).memory_info().rss - before < 300 << 20
    assert plane.apps.list(ListRequest()) is not None
    assert "Traceback" not in plane.home.server_log.read_text()


@pytest.mark.parametrize("kind", ["content-encoding", "connect-content-encoding"])
def test_a_gzip_bomb_is_refused_before_it_is_unpacked(plane: Plane, kind: str) -> None:
    process = psutil.Process(plane.pid)
    before = process.memory_info().rss
    packed = bomb()
    if kind == "content-encoding":
        path, body, content = "/flyteidl2.app.AppService/Create", packed, "application/proto"
    else:
        path, content = "/flyteidl2.app.AppService/Watch", "application/connect+proto"
        body = b"\x01" + len(packed).to_bytes(4, "big") + packed
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{plane.port}\r\nConnection: close\r\nContent-Type: {content}\r\n"
    head += f"{kind}: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    answer = OverHttp(plane.port).raw(head.encode() + body)
    assert b"resource_exhausted" in answer.body
    assert process.memory_info().rss - before < 60 << 20


@pytest.mark.parametrize(
    ("head", "text"),
    [
        (b"GET /" + b"a" * 70_000, b"65536 bytes"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 3_000_000, b"65536 bytes"),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n", b"65536 bytes"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: y\r\n" * 20_000, b""),
        (b"GET http:// HTTP/1.1\r\n\r\n", b"Invalid"),
        (b"GET \xff\xfe HTTP/1.1\r\n\r\n", b"Invalid"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10, b"Invalid"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b""),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", b""),
    ],
)
def test_heads_without_an_end_and_what_is_not_http(plane: Plane, head: bytes, text: bytes) -> None:
    # After an answer with a text, the server closes the connection.
    answer = OverHttp(plane.port).raw(head, endless=not text)
    assert answer.status in (0, 400, 421)
    assert text in answer.body
    assert plane.apps.list(ListRequest()) is not None
