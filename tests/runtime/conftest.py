"""Real servers on real sockets: a uvicorn in a thread, and a bare TCP server for what no HTTP server would do."""

from __future__ import annotations

import gc
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest
import uvicorn
from flyte_runtime.apps import handle as apps
from flyte_runtime.container import declarations
from flyte_runtime.contract import WIRING_VARIABLE
from flyte_runtime.tasks import handle as tasks
from flyte_runtime.tasks import initialization
from flyte_runtime.testing import wired

from tests.runtime.flyte_internals import forget_connection
from tests.runtime.plane import control_plane, variables

TASKS = """
import time
from typing import Optional
import flyte
from flyte.types import TypeEngine, TypeTransformer
from flyteidl2.core.types_pb2 import STRUCT, LiteralType

env = flyte.TaskEnvironment("jobs", image="local/python")

@env.task
async def double(n: int, label: str = "x", items: list[str] = [], rate: Optional[float] = None) -> int:
    return n * 2

@env.task
async def fail(message: str) -> int:
    raise ValueError(message)

@env.task
async def sleep(seconds: float, times: dict[str, float] = {}) -> tuple[str, int]:
    time.sleep(seconds)
    return "slept", 1

@env.task
async def named(task: str, obj: dict[str, int]) -> str:
    return f"{task} {obj}"

@env.task
async def quiet() -> None:
    pass

@env.task
async def many() -> tuple[int, int, int, int, int, int, int, int]:
    return 0, 1, 2, 3, 4, 5, 6, 7

class Strange:
    pass

class StrangeTransformer(TypeTransformer[Strange]):
    def get_literal_type(self, t):
        return LiteralType(simple=STRUCT, metadata={"made by": "a package of this image"})

    async def to_literal(self, python_val, python_type, expected):
        raise NotImplementedError

    async def to_python_value(self, lv, expected_python_type):
        raise NotImplementedError

TypeEngine.register(StrangeTransformer("strange", Strange))

@env.task
async def strange() -> Strange:
    return Strange()
"""
JOBS = {
    "double": "demo/development/jobs.double@v1",
    "latest": "demo/development/jobs.double",
    "fail": "demo/development/jobs.fail@v1",
    "sleep": "demo/development/jobs.sleep@v1",
    "named": "demo/development/jobs.named@v1",
    "quiet": "demo/development/jobs.quiet@v1",
    "many": "demo/development/jobs.many@v1",
    "strange": "demo/development/jobs.strange@v1",
    "absent": "demo/development/jobs.absent",
    "absent_version": "demo/development/jobs.double@v99",
}


@contextmanager
def serving(application: Any, **options: Any) -> Iterator[str]:
    """Serve the application by a real uvicorn in a thread. Yields its URL."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        application,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=0,
        **{"timeout_keep_alive": 75, **options},
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started:
        assert thread.is_alive(), "uvicorn did not start"
        assert time.monotonic() < until, "uvicorn did not start within 60 s"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=60)
        listener.close()
        assert not thread.is_alive(), "uvicorn did not stop"
        # Collect the garbage now, so that what the server left open is reported for this test and for no later one.
        del server, thread, config
        gc.collect()


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """`serve(application)` gives its URL; it is stopped after the test."""
    with ExitStack() as stack:
        yield lambda application, **options: stack.enter_context(serving(application, **options))


class Wire:
    """A TCP server that reads one request per answer and then does exactly what the test says."""

    def __init__(self, *answers: bytes | Callable[[socket.socket], None]) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self._connection: socket.socket | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while self.answers:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._connection = connection
                self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        while self.answers:
            request = _read_request(connection)
            if not request:
                return
            self.requests.append(request)
            answer = self.answers.pop(0)
            if callable(answer):
                answer(connection)
                return
            connection.sendall(answer)

    def close(self) -> None:
        for waiting in (self._listener, self._connection):  # wakes accept and recv
            with suppress(OSError):
                if waiting is not None:
                    waiting.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=2)


def _read_request(connection: socket.socket) -> bytes:
    received = b""
    try:
        while b"\r\n\r\n" not in received:
            more = connection.recv(65536)
            if not more:
                return b""
            received += more
        head, _, body = received.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                while len(body) < int(line.partition(b":")[2]):
                    body += connection.recv(65536)
    except OSError:
        return b""
    return head + b"\r\n\r\n" + body


@pytest.fixture
def wire() -> Iterator[Callable[..., Wire]]:
    """`wire(answer, …)` gives a `Wire`."""
    opened: list[Wire] = []

    def start(*answers: bytes | Callable[[socket.socket], None]) -> Wire:
        opened.append(Wire(*answers))
        return opened[-1]

    yield start
    for server in opened:
        server.close()


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test sees another's handles, nor the wiring of the machine it runs on."""
    for name in (WIRING_VARIABLE, "PORT", "FLYTE_ROOT_PATH", *initialization._CONNECTION, *initialization._SCOPE):
        monkeypatch.delenv(name, raising=False)
    for declared in (apps._handles, tasks._handles, declarations.apps, declarations.tasks):
        declared.clear()
    yield
    for declared in (apps._handles, tasks._handles, declarations.apps, declarations.tasks):
        declared.clear()


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A control plane with TASKS, for the tests of one file; its port."""
    pytest.importorskip("flyte_local.daemon", reason="needs the local control plane")
    with control_plane(tmp_path_factory.mktemp("plane"), "jobs", TASKS) as port:
        yield port


@pytest.fixture
def jobs(plane: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process is wired with the tasks of `plane`, by the aliases of JOBS."""
    for name, value in variables(plane).items():
        monkeypatch.setenv(name, value)
    with wired(JOBS):
        yield
    forget_connection()


@pytest.fixture
async def closed_pool() -> Any:
    """Closes what the test's event loop opened."""
    from flyte_runtime.apps import pools

    yield
    await pools.aclose()


@contextmanager
def reserved_port() -> Iterator[int]:
    """Yield a port of 127.0.0.1 on which nobody listens, so that connections are refused.

    Until the end of the block, Linux gives the port to no other process that asks for any port. A server of the test
    can bind it by its number, because both sockets have SO_REUSEADDR. asyncio, uvicorn and `rt.serve` set it too.
    """
    with socket.socket() as reservation:
        reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reservation.bind(("127.0.0.1", 0))
        yield reservation.getsockname()[1]


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port that is reserved for the test, and on which nobody listens."""
    with reserved_port() as port:
        yield port
