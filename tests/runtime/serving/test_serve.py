"""`flyte-runtime serve` as a container runs it: a process, a port, signals."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import flyte_runtime as rt
import httpx
import pytest
from flyte_runtime.__main__ import main
from flyte_runtime.contract import AppInput, Identity, Wiring
from flyte_runtime.errors import ServeError
from flyte_runtime.serving.address import bind, url_of
from flyte_runtime.serving.loading import application_of
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

Start = Callable[..., "Process"]

APPLICATION = """
import asyncio
from pathlib import Path
from fastapi import FastAPI, Request, WebSocket
import flyte_runtime as rt

app = FastAPI(lifespan=rt.lifespan)

@app.get("/")
async def root(request: Request):
    return {"root_path": request.scope["root_path"], "url": str(request.url_for("root"))}

@app.get("/slow")
async def slow():
    Path("begun").touch()
    await asyncio.sleep(1.5)
    return "done"

@app.websocket("/ws")
async def ws(socket: WebSocket):
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)

async def later():
    return app
"""


# So that coverage is measured in the processes that are started here, too.
MEASURED = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}


class Process:
    """A server in a process of its own. `folder` is its working directory."""

    def __init__(self, folder: Path, *arguments: str, module: str = "-m flyte_runtime serve", **variables: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, *module.split(), *arguments],
            cwd=folder,
            env={**MEASURED, "PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", "PYTHONSAFEPATH": "1", **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait(self, timeout: float = 90) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=timeout)
        return self.process.returncode, output

    def until_it_answers(self, url: str) -> httpx.Response:
        until = time.monotonic() + 90
        while True:
            assert self.process.poll() is None, self.wait()[1]
            try:
                return httpx.get(url)
            except httpx.TransportError:
                assert time.monotonic() < until, "the server did not answer"
                time.sleep(0.05)

    def until_begun(self) -> None:
        """Wait until a handler has made the file `begun`, so that its request is under way."""
        until = time.monotonic() + 90
        while not (self.folder / "begun").exists():
            assert time.monotonic() < until, "the request did not reach its handler"
            time.sleep(0.02)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Process] = []

    def begin(source: str, *arguments: str, code: str = APPLICATION, **variables: str) -> Process:
        (tmp_path / "backend.py").write_text(code)
        started.append(Process(tmp_path, source, *arguments, **variables))
        return started[-1]

    yield begin
    for process in started:
        if process.process.poll() is None:
            process.process.kill()
            process.process.wait()
        if process.process.stdout:
            process.process.stdout.close()


def test_serves_health_routes_and_documentation_behind_a_prefix(start: Start, free_port: int) -> None:
    process = start("backend:app", "--port", "1", PORT=str(free_port), FLYTE_ROOT_PATH="/apps/p/d/n/")
    base = f"http://127.0.0.1:{free_port}"
    health = process.until_it_answers(f"{base}/healthz")
    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    assert httpx.head(f"{base}/healthz").status_code == 200
    assert httpx.post(f"{base}/healthz").status_code == 404
    prefix = {"X-Forwarded-Prefix": "/apps/p/d/n"}
    answer = httpx.get(f"{base}/", headers=prefix)
    assert answer.json() == {"root_path": "/apps/p/d/n", "url": f"{base}/apps/p/d/n/"}
    assert "/apps/p/d/n/openapi.json" in httpx.get(f"{base}/docs", headers=prefix).text
    assert httpx.get(f"{base}/healthz", headers=prefix).json() == {"status": "ok"}
    assert httpx.get(f"{base}/").json() == {"root_path": "", "url": f"{base}/"}
    assert "server" not in health.headers


def test_readiness_goes_off_before_anything_else_and_answers_ask_to_close(start: Start, free_port: int) -> None:
    identity = Identity(kind="app", project="p", domain="d", name="n")
    wiring = Wiring(platform="kubernetes", identity=identity).to_json()
    process = start("backend:app", "--host", "127.0.0.1", "--port", str(free_port), FLYTE_WIRING=wiring)
    base = f"http://127.0.0.1:{free_port}"
    ready = process.until_it_answers(f"{base}/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})
    with connect(f"ws://127.0.0.1:{free_port}/ws") as websocket, httpx.Client() as client:
        assert "connection" not in client.get(f"{base}/").headers
        process.process.send_signal(signal.SIGTERM)
        until = time.monotonic() + 60
        while (ready := client.get(f"{base}/readyz")).status_code == 200:
            assert time.monotonic() < until
            time.sleep(0.02)
        assert (ready.status_code, ready.json()) == (503, {"status": "draining"})
        # New requests are still taken, the process is still healthy, and the WebSocket still stands.
        answer = client.get(f"{base}/")
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")
        assert client.get(f"{base}/healthz").status_code == 200
        websocket.send("still here")
        assert websocket.recv() == "still here"
        with pytest.raises(ConnectionClosed) as closed:
            websocket.recv(timeout=30)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
    assert process.wait()[0] == 0


def until_nobody_listens(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.02)
    pytest.fail("the server still takes connections")


def test_websockets_stand_until_requests_under_way_are_done(start: Start, free_port: int) -> None:
    code = APPLICATION.replace("sleep(1.5)", "sleep(6)")
    process = start("backend:app", "--port", str(free_port), code=code)
    process.until_it_answers(f"http://127.0.0.1:{free_port}/healthz")
    with (
        socket.create_connection(("127.0.0.1", free_port)) as request,
        connect(f"ws://127.0.0.1:{free_port}/ws") as websocket,
    ):
        request.sendall(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        process.until_begun()
        process.process.send_signal(signal.SIGTERM)
        until_nobody_listens(free_port)
        websocket.send("meanwhile")
        assert websocket.recv() == "meanwhile"
        answer = b""
        while b"done" not in answer:
            more = request.recv(4096)
            assert more, answer
            answer += more
        with pytest.raises(ConnectionClosed, match="1012"):
            websocket.recv(timeout=30)
    process.wait()


def test_a_websocket_that_comes_back_is_taken_until_somebody_else_takes_it(start: Start, free_port: int) -> None:
    """The only pod of an app, evicted, serves until its successor does."""
    process = start("backend:app", "--host", "127.0.0.1", "--port", str(free_port), FLYTE_DRAIN_DELAY="1")
    process.until_it_answers(f"http://127.0.0.1:{free_port}/healthz")
    process.process.send_signal(signal.SIGTERM)
    for attempt in range(3):
        with connect(f"ws://127.0.0.1:{free_port}/ws") as websocket:
            websocket.send(f"attempt {attempt}")
            assert websocket.recv() == f"attempt {attempt}"
            with pytest.raises(ConnectionClosed, match="1012"):
                websocket.recv(timeout=30)
    assert process.wait()[0] == 0


def test_a_request_that_takes_too_long_is_cut_off(start: Start, free_port: int) -> None:
    code = (
        APPLICATION
        + """
@app.get("/endless")
async def endless():
    Path("begun").touch()
    await asyncio.sleep(300)
"""
    )
    process = start("backend:app", "--port", str(free_port), code=code, FLYTE_DRAIN="1")
    process.until_it_answers(f"http://127.0.0.1:{free_port}/healthz")
    with socket.create_connection(("127.0.0.1", free_port)) as request:
        request.sendall(b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n")
        process.until_begun()
        started = time.monotonic()
        process.process.send_signal(signal.SIGTERM)
        output = process.wait()[1]
    assert time.monotonic() - started < 60
    assert "Application shutdown complete" in output


def events_of(output: str, logger: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [line for line in lines if line["logger"] == logger]


def test_each_request_is_a_line_of_json(start: Start, free_port: int) -> None:
    code = (
        APPLICATION
        + """
import logging

@app.get("/broken")
async def broken():
    logging.getLogger("mine").warning("about to\\nfail")
    raise ValueError("no such luck")
"""
    )
    process = start("backend:app", "--port", str(free_port), code=code, FLYTE_ROOT_PATH="/apps/p")
    base = f"http://127.0.0.1:{free_port}"
    process.until_it_answers(f"{base}/healthz")
    trace, prefix = "4bf92f3577b34da6a3ce929d0e0e4736", {"X-Forwarded-Prefix": "/apps/p"}
    httpx.get(f"{base}/absent/%0A?token=pr1vate", headers={**prefix, "traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    assert httpx.get(f"{base}/broken").status_code == 500
    with connect(f"ws://127.0.0.1:{free_port}/ws") as websocket:
        websocket.send("x")
        websocket.recv()
    process.process.send_signal(signal.SIGTERM)
    output = process.wait()[1]
    assert all(line.startswith("{") for line in output.splitlines()), output
    assert "pr1vate" not in output
    absent, broken, websocket_ = events_of(output, "flyte_runtime.access")  # and no line for the probe
    assert absent.pop("duration_ms") < 5000
    assert datetime.fromisoformat(absent.pop("time").replace("Z", "+00:00")).tzinfo is not None
    assert absent == {
        "level": "info",
        "logger": "flyte_runtime.access",
        "event": "http",
        "method": "GET",
        "path": "/absent/\n",
        "status": 404,
        "trace_id": trace,
    }
    assert (broken["status"], broken["failed"], broken["level"]) == (500, True, "warning")
    mine = events_of(output, "mine")[0]
    assert (mine["message"], mine["trace_id"]) == ("about to\nfail", broken["trace_id"])
    error = next(line for line in events_of(output, "uvicorn.error") if "exception" in line)
    assert "ValueError: no such luck" in error["exception"]
    assert (websocket_["method"], websocket_["status"]) == ("WEBSOCKET", 101)
    assert websocket_["close_code"] == 1000


def test_lines_for_people_where_asked_for(start: Start, free_port: int) -> None:
    process = start("backend:app", "--port", str(free_port), FLYTE_LOG_FORMAT="text")
    process.until_it_answers(f"http://127.0.0.1:{free_port}/")
    process.process.send_signal(signal.SIGTERM)
    output = process.wait()[1]
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+ INFO    GET / 200 in [\d.]+ ms\b", output, re.MULTILINE)
    assert " INFO    Application startup complete." in output


def test_a_log_format_that_there_is_not(start: Start) -> None:
    code, output = start("backend:app", FLYTE_LOG_FORMAT="xml").wait()
    assert code == 2
    assert "FLYTE_LOG_FORMAT is 'xml': expected json or text" in output


async def test_readiness_before_the_start_and_an_applications_own_route() -> None:
    from fastapi import FastAPI
    from flyte_runtime.serving.middleware import Health, Readiness

    with_route = FastAPI()

    @with_route.get("/readyz", status_code=202)
    async def mine() -> str:
        return "mine"

    for app, ready in ((with_route, 202), (FastAPI(), 200), (raw(404), 200)):
        readiness = Readiness()
        transport = httpx.ASGITransport(app=Health(app, readiness))
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
            if app is not with_route:
                assert (await client.get("/readyz")).json() == {"status": "starting"}
            readiness.state = "ready"
            assert (await client.get("/readyz")).status_code == ready
            readiness.state = "draining"
            assert (await client.get("/readyz")).status_code == 503
            assert (await client.get("/healthz")).status_code == 200
    assert readiness.requests == 0


async def test_requests_without_a_trace_begin_one_for_all_their_calls() -> None:
    from flyte_runtime.observability import tracing
    from flyte_runtime.serving.middleware import Trace

    seen: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.extend(dict(tracing.outgoing_headers())["traceparent"] for _ in range(2))
        seen.append(dict(tracing.outgoing_headers()).get("tracestate", ""))
        await raw(204)(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=Trace(application)), base_url="http://a") as client:
        await client.get("/")
        parent = ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        await client.get("/", headers=[parent, ("tracestate", "a=1"), ("tracestate", "b=2")])
        await client.get("/", headers=[parent, parent])
    begun, two, doubled = seen[0:3], seen[3:6], seen[6:9]
    assert begun[0][:36] == begun[1][:36]
    assert begun[0] != begun[1]
    assert two[0].startswith(parent[1][:36])
    assert two[2] == "a=1,b=2"
    assert not doubled[0].startswith(parent[1][:36])


def test_a_stop_signal_lets_requests_finish_and_closes_websockets(start: Start, free_port: int) -> None:
    process = start("backend:app", "--port", str(free_port))
    process.until_it_answers(f"http://127.0.0.1:{free_port}/healthz")
    with (
        socket.create_connection(("127.0.0.1", free_port)) as request,
        connect(f"ws://127.0.0.1:{free_port}/ws") as websocket,
    ):
        websocket.send("hi")
        assert websocket.recv() == "hi"
        request.sendall(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        process.until_begun()
        process.process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as closed:
            websocket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        answer = b""
        while b"done" not in answer:
            more = request.recv(4096)
            assert more, answer
            answer += more
    code, output = process.wait()
    assert code == 0
    assert "Application shutdown complete" in output


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("backend:ap", "has no attribute 'ap' (did you mean 'app'?)"),
        ("bakend:app", "there is no module 'bakend'"),
        ("bakend:app", "(did you mean 'backend'?)"),
        ("backend.sub:app", "there is no module 'backend.sub'"),
        ("backend", "expected module:attribute, for example backend:app"),
        ("backend.py:app", "expected module:attribute"),
        ("backend:", "expected module:attribute"),
        ("backend:asyncio", "backend:asyncio is a module, not an ASGI application"),
        ("backend:FastAPI", "backend:FastAPI is a type"),
        ("backend:later", "backend:later is an async function without parameters"),
    ],
)
def test_what_is_not_there_is_one_sentence(start: Start, source: str, problem: str) -> None:
    code, output = start(source).wait()
    assert code == 2
    assert problem in output
    assert "Traceback" not in output
    assert output.startswith("flyte-runtime: ")


@pytest.mark.parametrize("code", ["import not_installed", "1/0", "def ("])
def test_an_error_of_the_users_own_code_is_shown_in_full(start: Start, code: str) -> None:
    exit_code, output = start("backend:app", code=code).wait()
    assert exit_code == 1
    assert "Traceback" in output
    assert 'backend.py", line 1' in output


@pytest.mark.parametrize("port", ["abc", "70000", "-1"])
def test_a_port_that_is_none(start: Start, port: str) -> None:
    code, output = start("backend:app", PORT=port).wait()
    assert code == 2
    assert f"PORT is {port!r}" in output


@pytest.mark.parametrize("port", [70_000, -1, "http"])
def test_a_port_that_is_none_in_code(port: Any) -> None:
    with pytest.raises(ServeError, match=f"port={port!r}: expected a number"):
        rt.serve(lambda scope, receive, send: None, port=port)


@pytest.mark.parametrize("version", ["0.32.0", "0.52.3", "0.53.0", "0.54.1", "1.0.0.dev1"])
def test_an_image_with_an_older_uvicorn_is_told_what_it_lacks(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uvicorn.__version__", version)
    problem = "needs 0.53: pip install 'uvicorn>=0.53'" if version < "0.53" else "port='none'"
    with pytest.raises(ServeError, match=problem):
        rt.serve(lambda scope, receive, send: None, port="none")  # type: ignore[arg-type]


def test_the_oldest_uvicorn_is_the_one_that_the_package_asks_for() -> None:
    from flyte_runtime.serving.serve import OLDEST_UVICORN

    requirements = [line for line in metadata.requires("flyte-runtime") or () if line.startswith("uvicorn")]
    assert f">={'.'.join(map(str, OLDEST_UVICORN))}" in requirements[0].removeprefix("uvicorn").split(",")


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_no_failure_and_runs_exit_handlers(start: Start, free_port: int, stop: signal.Signals) -> None:
    code = APPLICATION + "\nimport atexit\natexit.register(print, 'the handler ran')\n"
    process = start("backend:app", "--port", str(free_port), code=code)
    process.until_it_answers(f"http://127.0.0.1:{free_port}/healthz")
    process.process.send_signal(stop)
    exit_code, output = process.wait()
    assert exit_code == 0
    assert "the handler ran" in output
    assert "Traceback" not in output


def test_after_a_stop_the_program_goes_on(start: Start, free_port: int, tmp_path: Path) -> None:
    code = f"{APPLICATION}\nif __name__ == '__main__':\n    rt.serve(app, port={free_port})\n    print('served')\n"
    process = start("backend.py", code=code, module="")
    process.until_it_answers(f"http://127.0.0.1:{free_port}/healthz")
    process.process.send_signal(signal.SIGTERM)
    exit_code, output = process.wait()
    assert exit_code == 0
    assert output.endswith("served\n")


SLOW = """
import asyncio, threading, time
from contextlib import asynccontextmanager
from fastapi import FastAPI

@asynccontextmanager
async def lifespan(app):
    try:
        print("starting", flush=True)
        await asyncio.sleep(STARTS)
        yield
        ENDS
    finally:
        print("cleaned up", flush=True)

app = FastAPI(lifespan=lifespan)
"""


def slow(starts: float = 0, ends: str = "") -> str:
    return SLOW.replace("STARTS", str(starts)).replace("ENDS", ends)


def test_a_shutdown_that_takes_too_long_is_cancelled(start: Start, free_port: int) -> None:
    process = start(
        "backend:app", "--port", str(free_port), code=slow(ends="await asyncio.sleep(600)"), FLYTE_DRAIN="1"
    )
    process.until_it_answers(f"http://127.0.0.1:{free_port}/healthz")
    process.process.send_signal(signal.SIGTERM)
    exit_code, output = process.wait()
    assert exit_code == 0
    assert "shutdown takes too long: it is cancelled" in output
    assert "cleaned up" in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    "holds",
    [
        "time.sleep(600)",
        "threading.Thread(target=time.sleep, args=[600]).start(); await asyncio.to_thread(time.sleep, 600)",
    ],
)
def test_what_cannot_be_cancelled_ends_with_the_process(start: Start, free_port: int, holds: str) -> None:
    process = start("backend:app", "--port", str(free_port), code=slow(ends=holds), FLYTE_DRAIN="1")
    process.until_it_answers(f"http://127.0.0.1:{free_port}/healthz")
    process.process.send_signal(signal.SIGTERM)
    exit_code, output = process.wait()
    assert exit_code == 128 + signal.SIGTERM
    assert "flyte-runtime: not stopped 3 s after the signal, so it ends now" in output


def test_a_start_that_is_under_way_is_cancelled(start: Start) -> None:
    process = start("backend:app", "--port", "0", code=slow(starts=600))
    assert process.process.stdout is not None
    for line in process.process.stdout:
        if line == "starting\n":
            break
    process.process.send_signal(signal.SIGTERM)
    exit_code, output = process.wait()
    assert exit_code == 0
    assert "Told to stop while the application starts." in output
    assert "cleaned up" in output
    assert "Traceback" not in output
    assert "Uvicorn running" not in output


def test_a_stop_while_the_application_is_imported_ends_the_process(start: Start) -> None:
    process = start("backend:app", code="print('importing', flush=True)\nimport time\ntime.sleep(600)")
    assert process.process.stdout is not None
    assert process.process.stdout.readline() == "importing\n"
    process.process.send_signal(signal.SIGTERM)
    assert process.wait() == (128 + signal.SIGTERM, "")


def test_a_lifespan_that_fails_is_one_sentence_after_its_error(start: Start) -> None:
    process = start("backend:app", "--port", "0", code=slow().replace("await asyncio.sleep(0)", "1 / 0"))
    exit_code, output = process.wait()
    assert exit_code == 2
    assert "ZeroDivisionError" in output
    assert output.splitlines()[-1].startswith("flyte-runtime: the application's lifespan has failed")


def test_a_webhook_whose_task_is_not_wired_does_not_start(start: Start) -> None:
    code = "from flyte_runtime.webhooks import *\nhook = Webhook(Bearer('k'), tasks=['deploy'])\napp = print"
    exit_code, output = start("backend:app", code=code).wait()
    assert exit_code == 2
    assert "'deploy' is not wired" in output


def test_a_port_that_is_taken_is_known_before_the_application_starts(start: Start) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = taken.getsockname()[1]
        code, output = start("backend:app", "--port", str(port)).wait()
    assert code == 2
    assert output == f"flyte-runtime: nothing can be served on port {port} of host '0.0.0.0': Address already in use\n"


def test_a_port_that_is_taken_while_the_application_starts(start: Start, free_port: int) -> None:
    takes = f"import socket; taken = socket.create_server(('0.0.0.0', {free_port}))"
    code = slow(ends="taken.close()").replace("await asyncio.sleep(0)", takes)
    exit_code, output = start("backend:app", "--port", str(free_port), code=code).wait()
    assert exit_code == 2
    assert output.splitlines()[-1].endswith("Address already in use")
    assert "cleaned up" in output


@pytest.mark.parametrize("port", ["99999", "-1", "http", "8 0"])
def test_a_port_on_the_command_line_that_is_none(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["serve", "backend:app", f"--port={port}"])
    assert left.value.code == 2
    assert f"argument --port: {port!r}: expected a number between 1 and 65535" in capsys.readouterr().err


def test_hosts_have_the_addresses_that_this_machine_has() -> None:
    with pytest.raises(ServeError, match=r"port 1234 of host '192\.0\.2\.1': Cannot assign requested address"):
        bind("192.0.2.1", 1234)
    with pytest.raises(ServeError, match=r"host 'nowhere\.invalid'"):
        bind("nowhere.invalid", 0)
    for host, begins in (("localhost", "http://"), ("127.0.0.1", "http://127.0.0.1:"), ("", "http://")):
        bound = bind(host, 0)
        assert bound
        for listener in bound:
            assert url_of(listener).startswith(begins)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(listener.getsockname()[:2])
            listener.close()


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_an_ipv6_address_is_written_with_brackets() -> None:
    try:
        (listener,) = bind("::1", 0)
    except ServeError:
        pytest.skip("this machine has no IPv6")
    with listener:
        assert url_of(listener) == f"http://[::1]:{listener.getsockname()[1]}"


def test_a_container_that_is_not_wired_for_its_code_does_not_start(start: Start) -> None:
    code = "import flyte_runtime as rt\na, b, c = rt.app('model_api'), rt.task('train'), rt.app('extra')\napp = print"
    edge = AppInput(project="p", domain="d", name="model-api", url="http://m")
    wiring = Wiring(identity=Identity(kind="app", project="p", domain="d", name="gw"), inputs={"model_api": edge})
    exit_code, output = start("backend:app", code=code, FLYTE_WIRING=wiring.to_json()).wait()
    assert exit_code == 2
    assert "2 handles are not wired as the code uses them:" in output
    assert "not wired with 'train'" in output
    assert "not wired with 'extra'" in output
    assert "its aliases: model_api" in output


@pytest.mark.parametrize(
    ("platform", "host"), [("local", "127.0.0.1"), ("flyte", "0.0.0.0"), ("kubernetes", "0.0.0.0"), (None, "0.0.0.0")]
)
def test_only_the_local_platform_listens_on_the_loopback_alone(
    platform: str | None, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flyte_runtime.serving import serve

    if platform:
        wiring = Wiring(platform=platform, identity=Identity(kind="app", project="p", domain="d", name="n"))
        monkeypatch.setenv("FLYTE_WIRING", wiring.to_json())
    assert serve._host() == host


@pytest.mark.parametrize("parameters", ["", "debug=False, *, level='info', **settings"])
def test_a_function_that_needs_nothing_gives_the_application(start: Start, free_port: int, parameters: str) -> None:
    code = f"{APPLICATION}\ndef create({parameters}):\n    return app\n"
    process = start("backend:create", "--port", str(free_port), code=code)
    assert process.until_it_answers(f"http://127.0.0.1:{free_port}/").status_code == 200


async def served(scope: Any, receive: Any, send: Any) -> None: ...


async def lenient(scope: Any = None, receive: Any = None, send: Any = None) -> None: ...


class Callable3:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


def wrapped(*arguments: Any, **keywords: Any) -> Any: ...


@pytest.mark.parametrize("app", [served, lenient, Callable3(), Callable3().__call__, partial(served), wrapped, print])
def test_what_takes_an_asgi_applications_arguments_is_one(app: Any) -> None:
    assert application_of(app, "app") is app
    assert application_of(lambda: app, "create") is app


class Wsgi:
    def __call__(self, environ: Any, start_response: Any) -> Any: ...


def wsgi(environ: Any, start_response: Any) -> Any: ...


@pytest.mark.parametrize(
    ("app", "problem"),
    [
        (Wsgi(), "^app takes two arguments, as a WSGI application does .*pip install a2wsgi.*WsgiToAsgi"),
        (wsgi, "^app takes two arguments, as a WSGI application does"),
        (lambda: wsgi, "^the result of app takes two arguments, as a WSGI"),
        (lambda settings: served, r"^app does not take \(scope, receive, send\)"),
        (lambda: None, "^the result of app is a NoneType, not an ASGI application"),
        (Callable3, "^app is a type, not an ASGI"),
    ],
)
def test_what_could_answer_no_request_is_not_served(app: Any, problem: str) -> None:
    with pytest.raises(ServeError, match=problem):
        application_of(app, "app")


def test_an_application_that_is_given_as_an_object_is_looked_at_too() -> None:
    with pytest.raises(ServeError, match="as a WSGI application does"):
        rt.serve(Wsgi())


def raw(status: int) -> Any:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": status, "headers": [(b"x-own", b"1")]})
        await send({"type": "http.response.body", "body": b"mine"})

    return application


@pytest.mark.parametrize(("answered", "health"), [(404, 200), (200, 200), (503, 503), (401, 200)])
async def test_health_of_an_application_without_visible_routes_is_its_own_answer(answered: int, health: int) -> None:
    from flyte_runtime.serving.middleware import Health

    transport = httpx.ASGITransport(app=Health(raw(answered)))
    async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
        response = await client.get("/healthz")
        assert response.status_code == health
        assert ("x-own" in response.headers) is (answered in {200, 503})
        assert (await client.get("/other")).status_code == answered


async def test_an_applications_own_health_route_wins() -> None:
    from fastapi import FastAPI
    from flyte_runtime.serving.middleware import Health

    app = FastAPI()

    @app.get("/healthz", status_code=503)
    async def mine() -> str:
        return "loading"

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=Health(app)), base_url="http://a") as client:
        assert (await client.get("/healthz")).status_code == 503


async def test_a_mount_or_a_catch_all_at_the_root_leaves_the_health_path_answered(tmp_path: Path) -> None:
    from fastapi import FastAPI, HTTPException
    from flyte_runtime.serving.middleware import Health
    from starlette.staticfiles import StaticFiles

    (tmp_path / "index.html").write_text("<p>")
    page, every = FastAPI(), FastAPI()
    page.mount("/", StaticFiles(directory=tmp_path, html=True))

    @every.get("/{path:path}")
    async def any_path(path: str) -> str:
        raise HTTPException(404)

    for app in (page, every):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=Health(app)), base_url="http://a") as client:
            assert (await client.get("/healthz")).status_code == 200
            assert (await client.get("/other")).status_code == 404


async def test_health_needs_no_key_of_an_application_that_guards_everything() -> None:
    from fastapi import FastAPI, Request, Response
    from flyte_runtime.serving.middleware import Health

    app = FastAPI()

    @app.middleware("http")
    async def guard(request: Request, call_next: Any) -> Response:
        return Response(status_code=401)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=Health(app)), base_url="http://a") as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/x")).status_code == 401


async def test_a_traced_request_is_carried_on() -> None:
    import flyte_runtime as rt
    from fastapi import FastAPI
    from flyte_runtime.serving.middleware import Trace
    from flyte_runtime.testing import wired

    back, front = FastAPI(), FastAPI()

    @back.get("/")
    async def seen(request: Any = None) -> dict[str, str]:
        return {}

    async def record(scope: Any, receive: Any, send: Any) -> None:
        headers.extend(scope["headers"])
        await back(scope, receive, send)

    headers: list[tuple[bytes, bytes]] = []

    @front.get("/")
    async def forward() -> int:
        return (await rt.app("back").get("/")).status_code

    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    with wired({"back": record}):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=Trace(front)), base_url="http://a") as client:
            await client.get("/", headers={"traceparent": parent, "tracestate": "v=1"})
    sent = dict(headers)
    assert sent[b"traceparent"].startswith(parent[:36].encode())
    assert sent[b"traceparent"] != parent.encode()
    assert sent[b"tracestate"] == b"v=1"
