"""A real server in a home of its own, the generated clients to it, and apps, which are real processes."""

from __future__ import annotations

import contextlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest
from flyte_local import daemon
from flyte_local.home import Home
from flyteidl2.app import app_payload_pb2 as payload
from flyteidl2.app.app_definition_pb2 import App, Identifier, Meta, Spec, Status
from flyteidl2.app.app_logs_payload_pb2 import TailLogsRequest
from flyteidl2.app.app_logs_service_connect import AppLogsServiceClientSync
from flyteidl2.app.app_service_connect import AppServiceClientSync
from flyteidl2.core.literals_pb2 import KeyValuePair
from flyteidl2.core.tasks_pb2 import Container, ContainerPort
from flyteidl2.logs.dataplane.payload_pb2 import PERSISTED_ONLY

from tests.ports import free_port

PROJECT, DOMAIN = "shop", "development"
PROGRAMS = Path(__file__).parent / "programs"
PLAIN = ["python", str(PROGRAMS / "plain.py"), "8080"]
ASGI = ["python", "-m", "uvicorn", "asgi:app", "--app-dir", str(PROGRAMS), "--port", "8080", "--log-level", "warning"]
_T = TypeVar("_T")


@dataclass
class Plane:
    """One running server. `kill` and `start` are for tests that own it."""

    home: Home
    port: int
    pid: int
    opened: list[Any] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, kind: Callable[[str], _T]) -> _T:
        made = kind(self.url)
        self.opened.append(made)
        return made

    @property
    def apps(self) -> AppServiceClientSync:
        return self.client(AppServiceClientSync)

    def create(self, name: str, command: Sequence[str] = PLAIN, *, headers: Any = None, **options: Any) -> App:
        return self.apps.create(payload.CreateRequest(app=declaration(name, command, **options)), headers=headers).app

    def update(self, name: str, command: Sequence[str] = PLAIN, *, stop: bool = False, **options: Any) -> App:
        app = declaration(name, command, **options)
        if stop:
            app.spec.desired_state = Spec.DESIRED_STATE_STOPPED
        return self.apps.update(payload.UpdateRequest(app=app)).app

    def get(self, name: str) -> App:
        return self.apps.get(payload.GetRequest(app_id=identifier(name))).app

    def delete(self, name: str) -> None:
        self.apps.delete(payload.DeleteRequest(app_id=identifier(name)))

    def wait(self, name: str, *phases: str, seconds: float = 90) -> App:
        """Return the app once it is in one of the phases (active, unless told otherwise)."""
        expected = phases or ("active",)
        return until(lambda: (app := self.get(name)) and phase(app) in expected and app, seconds)

    def up(self, name: str, command: Sequence[str] = PLAIN, **options: Any) -> App:
        """Creates an app and waits until it serves."""
        self.create(name, command, **options)
        return self.wait(name)

    def endpoint(self, name: str) -> str:
        return f"{self.url}/apps/{PROJECT}/{DOMAIN}/{name}"

    def fetch(self, name: str, path: str = "/") -> Any:
        """Return a JSON answer of the app, by the path form."""
        with urllib.request.urlopen(self.endpoint(name) + path, timeout=60) as response:
            return json.load(response)

    def log(self, name: str) -> list[str]:
        request = TailLogsRequest(app_id=identifier(name), source=PERSISTED_ONLY)
        responses = list(self.client(AppLogsServiceClientSync).tail_logs(request))
        return [line for r in responses for batch in r.batches.logs for line in batch.lines]

    def events(self, name: str = "") -> list[dict[str, Any]]:
        return list(daemon.request(self.port, "GET", f"/local/v1/events?project={PROJECT}&domain={DOMAIN}&app={name}"))

    def processes(self) -> list[psutil.Process]:
        """Return every app process of this server's home."""
        mark = f"app-{self.home.instance_id()}:"
        processes = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get("FLYTE_LOCAL_PROCESS", "").startswith(mark):
                    processes.append(process)
        return processes

    def processes_of(self, name: str) -> list[psutil.Process]:
        """Return the processes of one app. Others may end at any moment, and have no environment then."""
        processes = []
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                if process.environ().get("FLYTE_ROOT_PATH") == f"/apps/{PROJECT}/{DOMAIN}/{name}":
                    processes.append(process)
        return processes

    def kill(self) -> None:
        """SIGKILL: nothing gets a chance to be written down."""
        self.close_clients()
        process = psutil.Process(self.pid)
        process.kill()
        with contextlib.suppress(psutil.Error):
            process.wait(10)

    def start(self) -> None:
        self.pid = daemon.start(self.home, self.port).pid

    def close_clients(self) -> None:
        for client in self.opened:
            client.close()
        self.opened.clear()


def identifier(name: str) -> Identifier:
    return Identifier(org="local", project=PROJECT, domain=DOMAIN, name=name)


def declaration(
    name: str, command: Sequence[str], env: dict[str, str] | None = None, port: int = 8080, **spec: Any
) -> App:
    container = Container(image="local/python", command=command, ports=[ContainerPort(container_port=port)])
    container.env.extend(KeyValuePair(key=key, value=value) for key, value in (env or {}).items())
    return App(
        metadata=Meta(id=identifier(name)),
        spec=Spec(container=container, desired_state=Spec.DESIRED_STATE_ACTIVE, **spec),
    )


def phase(app: App) -> str:
    return Status.DeploymentStatus.Name(app.status.conditions[-1].deployment_status).split("_")[-1].lower()


def message(app: App) -> str:
    return str(app.status.conditions[-1].message)


def until(condition: Callable[[], _T], seconds: float = 90) -> _T:
    """Return the first true value of the condition, which is called until then."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def status_of(url: str, headers: dict[str, str] | None = None, method: str = "GET") -> tuple[int, str]:
    """Return the status and the body of an answer, also of an error."""
    request = urllib.request.Request(url, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Plane]:
    home = Home(folder / "home")
    info = daemon.start(home, free_port())
    plane = Plane(home, info.port, info.pid)
    try:
        yield plane
    finally:
        plane.close_clients()
        daemon.stop(home, plane.port)
        survivors = plane.processes()
        for process in survivors:
            process.kill()
        assert not survivors, f"processes survived their server: {survivors}"


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """One server for a module's tests; each uses apps of its own."""
    with running(tmp_path_factory.mktemp("plane")) as made:
        yield made


@pytest.fixture
def own_plane(tmp_path: Path) -> Iterator[Plane]:
    """A server that the test may kill."""
    with running(tmp_path) as made:
        yield made


@pytest.fixture(autouse=True)
def _no_clients_left(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "plane" in request.fixturenames:
        request.getfixturevalue("plane").close_clients()
