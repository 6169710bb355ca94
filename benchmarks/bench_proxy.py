"""Compares requests through the local control plane's proxy with requests straight to the app.

It measures the throughput of 50 clients, and WebSocket round trips. The server, the app under uvicorn and the load are
separate processes, as on a developer's machine. The load takes turns between the proxy and the app's port. The app is a
FastAPI application, as most are. A bare ASGI application, which does nothing, shows the cost of the proxy alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flyte_local import daemon
from flyte_local.home import Home
from flyteidl2.app import app_payload_pb2 as payload
from flyteidl2.app.app_definition_pb2 import App, Identifier, Meta, Spec, Status
from flyteidl2.app.app_service_connect import AppServiceClientSync
from flyteidl2.core.literals_pb2 import KeyValuePair
from flyteidl2.core.tasks_pb2 import Container, ContainerPort

from benchmarks.metric import Pair, metric
from benchmarks.server import unused_port

_FOLDER = Path(__file__).resolve().parent.parent
_BARE, _FASTAPI = "benchmarks.server:application", "benchmarks.fastapi_app:application"
_OPTIONS = ["--port", "8080", "--log-level", "error", "--no-access-log"]


@contextmanager
def _app(source: str) -> Iterator[tuple[str, str]]:
    """Run the app. Yield its URL through the proxy and the URL of its own port."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        server = daemon.start(home, unused_port())
        try:
            url = f"http://127.0.0.1:{server.port}"
            identifier = Identifier(org="local", project="bench", domain="development", name="app")
            command = ["python", "-m", "uvicorn", source, *_OPTIONS]
            container = Container(image="local/python", command=command, ports=[ContainerPort(container_port=8080)])
            container.env.append(KeyValuePair(key="PYTHONPATH", value=str(_FOLDER)))
            spec = Spec(container=container, desired_state=Spec.DESIRED_STATE_ACTIVE)
            spec.autoscaling.replicas.min = spec.autoscaling.replicas.max = 1
            with AppServiceClientSync(url) as apps:
                apps.create(payload.CreateRequest(app=App(metadata=Meta(id=identifier), spec=spec)))
                for event in apps.watch(payload.WatchRequest(app_id=identifier), timeout_ms=60_000):
                    state = event.update_event.updated_app.status.conditions
                    if state and state[-1].deployment_status == Status.DEPLOYMENT_STATUS_ACTIVE:
                        break
            events = daemon.request(server.port, "GET", "/local/v1/events?project=bench&domain=development&app=app")
            healthy = next(event for event in events if event["event"] == "healthy")
            yield f"{url}/apps/bench/development/app", f"http://127.0.0.1:{healthy['detail'].removeprefix('port ')}"
        finally:
            daemon.stop(home, server.port)


def _figures(kind: str, *urls: str) -> list[float]:
    command = [sys.executable, "-m", "benchmarks.load", kind, *urls]
    ended = subprocess.run(command, cwd=_FOLDER, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(ended.stderr.strip().splitlines()[-1])
    return [float(figure) for figure in json.loads(ended.stdout)]


@metric("requests a second through the local proxy ÷ straight to a FastAPI app under uvicorn, 50 at once", at_least=0.3)
def throughput(rounds: int) -> Iterator[Pair]:
    yield from _rounds(rounds, "http", _FASTAPI)


@metric("requests a second through the local proxy ÷ straight to bare uvicorn, 50 at once (for comparison)")
def bare_throughput(rounds: int) -> Iterator[Pair]:
    yield from _rounds(rounds, "http", _BARE)


@metric("WebSocket round trip through the local proxy ÷ straight to bare uvicorn", at_most=2)
def round_trip(rounds: int) -> Iterator[Pair]:
    yield from _rounds(rounds, "websocket", _BARE)


def _rounds(rounds: int, kind: str, source: str) -> Iterator[Pair]:
    with _app(source) as (ours, baseline):
        for _ in range(rounds):
            yield Pair(*_figures(kind, ours, baseline))
