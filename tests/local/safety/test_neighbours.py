"""Two homes on one machine do not interfere. A message names the process that has the port."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyte_local import daemon
from flyte_local.errors import PortTakenError
from flyte_local.home import Home

from tests.local.apps.conftest import DOMAIN, PROJECT, running, status_of
from tests.ports import free_port

from .upheaval import marked


def test_two_servers_side_by_side_know_nothing_of_each_other(tmp_path: Path) -> None:
    with running(tmp_path / "one") as one, running(tmp_path / "two") as two:
        one.up("same", env={"VERSION": "one"})
        two.up("same", env={"VERSION": "two"})
        one.up("only")
        assert (one.fetch("same")["version"], two.fetch("same")["version"]) == ("one", "two")
        with pytest.raises(ConnectError) as caught:
            two.get("only")
        assert caught.value.code == Code.NOT_FOUND
        # An address of the one is no host of the other.
        assert status_of(two.url + "/", {"Host": f"127.0.0.1:{one.port}"})[0] == 421
        assert status_of(two.url + "/", {"Host": f"same-{PROJECT}-{DOMAIN}.localhost:{one.port}"})[0] == 421
        one.delete("same")
        one.close_clients()
        assert daemon.stop(one.home, one.port)
        assert marked(one) == []
        assert two.fetch("same")["version"] == "two"


def test_a_stop_aimed_at_anothers_port_stops_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as plane:
        other = Home(tmp_path / "other")
        other.prepare()
        assert daemon.stop(other, plane.port) is False
        assert daemon.probe(plane.port) is not None


def test_a_second_server_on_one_port_says_what_runs_and_where(tmp_path: Path) -> None:
    with running(tmp_path) as plane:
        line = [sys.executable, "-m", "flyte_local", "start", "--port", str(plane.port), "--home", str(tmp_path / "b")]
        for foreground in ([], ["--foreground"]):
            done = subprocess.run([*line, *foreground], capture_output=True, text=True, timeout=120)
            assert done.returncode == 1
            assert str(plane.pid) in done.stderr
            assert f"port {plane.port} is taken by" in done.stderr
            assert "Traceback" not in done.stderr
        assert str(plane.home.path) in subprocess.run(line, capture_output=True, text=True, timeout=120).stderr


def test_a_port_that_a_foreign_program_has_names_the_program(tmp_path: Path) -> None:
    port = free_port()
    program = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); print(flush=True)"
    program += "; time.sleep(600)"
    other = subprocess.Popen([sys.executable, "-c", program, str(port), "a-foreign-program"], stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(PortTakenError) as caught:
            daemon.start(Home(tmp_path / "home"), port)
        text = str(caught.value)
        assert f"pid {other.pid}" in text
        assert Path(sys.executable).name in text
        assert "--port" in text
        other.kill()
        other.wait()
        assert daemon.start(Home(tmp_path / "home"), port).port == port
    finally:
        other.kill()
        other.communicate()
        daemon.stop(Home(tmp_path / "home"), port)


def test_the_default_port_is_refused_with_a_way_out_while_it_is_busy(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "flyte_local", "start", "--home", str(tmp_path / "home")]
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", daemon.DEFAULT_PORT))
            other.listen()
        except OSError:
            pass  # Somebody has it already, which is as good.
        done = subprocess.run(line, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert f"port {daemon.DEFAULT_PORT} is taken by" in done.stderr
    assert "another" in done.stderr


def test_the_server_listens_on_loopback_only(tmp_path: Path) -> None:
    with running(tmp_path) as plane:
        plane.up("app")
        listening = [
            connection.laddr.ip
            for pid in (plane.pid, *(process.pid for process in plane.processes()))
            for connection in psutil.Process(pid).net_connections(kind="inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert len(listening) >= 2
        assert set(listening) == {"127.0.0.1"}
