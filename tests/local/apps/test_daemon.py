"""Starting, finding and stopping the server; the command line; the administration."""

from __future__ import annotations

import contextlib
import http.server
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import pytest
from flyte_local import daemon
from flyte_local.errors import HomeError, NotRunningError, PortTakenError, StartError
from flyte_local.home import Home
from flyte_local.version import VERSION

from tests.ports import free_port
from tests.processes import all_started, started

from .conftest import Plane, running, status_of, until


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "flyte_local", *arguments]
    return subprocess.run(line, capture_output=True, text=True, timeout=120, env={**os.environ, **environment})


def test_starting_twice_is_one_server(plane: Plane) -> None:
    again = daemon.start(plane.home, plane.port)
    assert again.pid == plane.pid
    assert again == daemon.probe(plane.port)


def test_two_starts_at_once_are_one_server(tmp_path: Path) -> None:
    home, port = Home(tmp_path / "home"), free_port()
    line = [sys.executable, "-m", "flyte_local", "start", "--port", str(port), "--home", str(home.path)]
    with all_started([line] * 3, stdout=subprocess.PIPE, text=True) as starts:
        outputs = {process.communicate(timeout=120)[0] for process in starts}
    try:
        assert len(outputs) == 1
    finally:
        daemon.stop(home, port)


def test_the_server_inherits_neither_environment_nor_descriptors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "canary")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    read, write = os.pipe()
    os.set_inheritable(write, True)
    with running(tmp_path) as plane:
        process = psutil.Process(plane.pid)
        assert "canary" not in process.environ().values()
        assert not [name for name in process.environ() if name.startswith("PULUMI")]
        os.close(write)
        assert os.read(read, 1) == b"", "the server holds the pipe open"
        os.close(read)
        assert os.getsid(plane.pid) == plane.pid
        assert process.cwd() == "/"


def test_a_port_taken_by_something_else_names_it(tmp_path: Path) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        port = other.server_address[1]
        with pytest.raises(PortTakenError, match=f"port {port} is taken by pid {os.getpid()}"):
            daemon.start(Home(tmp_path / "home"), port)
        other.shutdown()


def test_a_port_taken_by_the_server_of_another_home_names_that(plane: Plane, tmp_path: Path) -> None:
    with pytest.raises(PortTakenError, match=f"taken by the flyte-local of another home .*pid {plane.pid}"):
        daemon.start(Home(tmp_path / "other"), plane.port)


def test_a_second_port_for_one_home_is_refused(plane: Plane) -> None:
    with pytest.raises(HomeError, match=f"already runs on port {plane.port}") as caught:
        daemon.start(plane.home, free_port())
    text = str(caught.value)
    assert text.index("another home (flyte:localHome") < text.index("use that port") < text.index("flyte-local stop")
    assert "would end everything that other stacks run there" in text


def test_a_home_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HomeError, match=r"cannot use .*/file/home as the server's home"):
        daemon.start(Home(tmp_path / "file" / "home"), free_port())


def test_a_server_that_cannot_come_up_says_why(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    home.database.write_text("this is not a database, not at all: " * 100)
    with pytest.raises(StartError, match="is not a flyte-local database"):
        daemon.start(home, free_port())


def test_probing_what_is_not_ours_finds_nothing() -> None:
    assert daemon.probe(free_port()) is None
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        assert daemon.probe(other.server_address[1]) is None
        other.shutdown()


def test_stopping_what_does_not_run_is_fine(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert daemon.stop(home, free_port()) is False
    assert not home.path.exists(), "a stop creates nothing"


def test_owners_are_kept_readable_without_the_server(tmp_path: Path) -> None:
    with running(tmp_path) as plane:
        owner = "shop/dev/flyte:local:Server::ser ver&=ä"
        query = f"/local/v1/owners?owner={quote(owner)}"
        assert daemon.request(plane.port, "PUT", query, {"epoch": 2}) == {owner: 2}
        assert daemon.request(plane.port, "GET", "/local/v1/owners") == {owner: 2}
        home = plane.home
    assert home.owners() == {owner: 2}
    with running(tmp_path) as plane:
        assert daemon.request(plane.port, "DELETE", query) == {}
        assert daemon.request(plane.port, "DELETE", query) == {}
    assert home.owners() == {}


@pytest.mark.parametrize("body", [None, {}, {"epoch": 0}, {"epoch": "1"}, {"epoch": True}, {"epoch": 1.5}, [1]])
def test_a_wrong_epoch_is_refused(plane: Plane, body: Any) -> None:
    with pytest.raises(NotRunningError, match="epoch"):
        daemon.request(plane.port, "PUT", "/local/v1/owners?owner=x", body)


def test_unknown_routes_are_404(plane: Plane) -> None:
    assert status_of(plane.url + "/local/v1/nothing")[0] == 404
    assert status_of(plane.url + "/local/v1/info", method="DELETE")[0] == 404


def test_unknown_rpcs_are_unimplemented_in_every_protocol(plane: Plane) -> None:
    import urllib.request

    for path in ("/flyteidl2.app.AppService/Nothing", "/flyteidl2.other.Service/Call"):
        code, body = status_of(plane.url + path, method="POST")
        assert code == 501
        assert '"code": "unimplemented"' in body
        for kind, mark in (("application/connect+proto", b'"unimplemented"'), ("application/grpc", b"")):
            request = urllib.request.Request(plane.url + path, data=b"", headers={"Content-Type": kind})
            with urllib.request.urlopen(request) as response:
                assert mark in response.read()
                assert kind == "application/connect+proto" or response.headers["grpc-status"] == "12"


def test_the_command_line_starts_shows_and_stops(tmp_path: Path) -> None:
    home, port = str(tmp_path / "home"), str(free_port())
    at = ("--port", port, "--home", home)
    assert command("status", *at).returncode == 3
    started = command("start", *at)
    assert f"http://127.0.0.1:{port}" in started.stdout
    try:
        assert "flyte-local" in command("status", *at).stdout
        config = command("config", *at, "--project", "p").stdout
        assert f"dns:///127.0.0.1:{port}" in config
        assert "project: p" in config
        missing = command("logs", "nothing", *at)
        assert missing.returncode == 1
        assert missing.stderr.startswith("flyte-local: no app and no run is called 'nothing': no app has written")
    finally:
        assert command("stop", *at).stdout == "stopped\n"
    assert command("stop", *at).stdout == "not running\n"


def test_the_command_line_prints_an_apps_log(plane: Plane, tmp_path: Path) -> None:
    # It exits at its first start only. A second exit would write more lines while the log is read.
    program = "import pathlib, sys, time; mark = pathlib.Path(sys.argv[1]); mark.exists() and time.sleep(600)"
    program += "; mark.touch(); print('first line\\nlast words', flush=True); sys.exit(3)"
    plane.create("logged", ["python", "-c", program, str(tmp_path / "mark")])
    plane.wait("logged", "failed")
    lines = command("logs", "logged", "-n", "2", "--home", str(plane.home.path)).stdout.splitlines()
    assert lines == ["last words", "[flyte-local] exited with code 3"]


def test_the_command_line_says_what_is_wrong_in_one_line(plane: Plane, tmp_path: Path) -> None:
    wrong = command("start", "--port", str(plane.port), "--home", str(tmp_path / "other"))
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("flyte-local: port")
    assert "Traceback" not in wrong.stderr
    assert command("start", "--port", "70000").returncode == 2


def test_a_killed_server_leaves_nothing_that_hinders_the_next(tmp_path: Path) -> None:
    with running(tmp_path) as plane:
        plane.kill()
        until(lambda: daemon.probe(plane.port) is None)
        plane.start()
        assert daemon.probe(plane.port) is not None


def test_a_server_of_another_version_is_replaced_and_what_it_runs_goes_on(tmp_path: Path) -> None:
    home, port = Home(tmp_path / "home"), free_port()
    with contextlib.ExitStack() as stack:
        old = stack.enter_context(started([sys.executable, "-c", OLD_SERVER, str(home.path), str(port)]))
        plane = Plane(home, port, old.pid)
        stack.callback(daemon.stop, home, port)
        stack.callback(plane.close_clients)
        until(lambda: daemon.probe(port))
        plane.up("adopted")
        pid = plane.fetch("adopted")["pid"]
        plane.close_clients()
        info = daemon.start(home, port)
        assert old.wait(60) == -9
        assert (info.version, info.pid != old.pid) == (VERSION, True)
        plane.wait("adopted")
        assert plane.fetch("adopted")["pid"] == pid
        assert daemon.start(home, port) == info
    assert not plane.processes()


def test_a_server_that_hangs_is_ended_with_its_apps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon, "STOP_SECONDS", 0.5)
    with running(tmp_path) as plane:
        plane.up("left")
        plane.close_clients()
        psutil.Process(plane.pid).suspend()
        assert daemon.stop(plane.home, plane.port) is True
        assert not plane.processes()
        assert daemon.stop(plane.home, plane.port) is False


OLD_SERVER = """
import sys
from pathlib import Path
import flyte_local.version
flyte_local.version.VERSION = "0.0.1"
from flyte_local.home import Home
from flyte_local.version import VERSION
from flyte_local.server.process import serve
serve(Home(sys.argv[1]), int(sys.argv[2]))
"""
