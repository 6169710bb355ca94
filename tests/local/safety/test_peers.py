"""A server serves the user who started it, and no other user of the machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from flyte_local import daemon
from flyte_local.home import Home
from flyte_local.server.peers import SHARED_VARIABLE, own_user_only, peer_uid

from tests.local.apps.conftest import Plane, running
from tests.ports import free_port

NOBODY = 65534
# Another user's program: no imports from the checkout, which it may not be able to read.
REQUEST = """
import encodings.idna, os, socket, sys
if os.geteuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)
port, kind, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
with socket.create_connection(("127.0.0.1", port), timeout=60) as s:
    upgrade = "Connection: Upgrade, close\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\n"
    upgrade += "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\n"
    more = upgrade if kind == "ws" else "Connection: close\\r\\n"
    s.sendall(f"GET {path} HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\n{more}\\r\\n".encode())
    if kind == "leave": sys.exit()
    print(os.geteuid(), s.makefile("rb").read().decode(errors="replace"))
"""


def ask(port: int, kind: str, path: str) -> tuple[int, str]:
    """Send a request as the user `nobody`, or as this process's user if it may not change its user."""
    line = [sys.executable, "-I", "-c", REQUEST, str(port), kind, path]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, cwd="/", check=True)
    uid, _, answer = done.stdout.partition(" ")
    return int(uid or NOBODY), answer


@pytest.mark.parametrize(
    ("kind", "path"),
    [("http", "/local/v1/info"), ("http", "/"), ("http", "/apps/shop/development/peer/"),
     ("ws", "/apps/shop/development/peer/"), ("http", "/store/x")],
)  # fmt: skip
def test_only_the_own_user_gets_in(plane: Plane, kind: str, path: str) -> None:
    plane.up("peer")
    uid, answer = ask(plane.port, kind, path)
    foreign = uid not in (os.geteuid(), 0)
    assert (" 403 " in answer.splitlines()[0] and "serves only the user who started it" in answer) == foreign


def test_a_socket_that_its_owner_left_is_nobodys(plane: Plane) -> None:
    # Linux says of it that it is root's: who connects, writes and leaves would be let in as root.
    with socket.create_server(("127.0.0.1", 0)) as server:
        ask(server.getsockname()[1], "leave", "/")
        accepted, peer = server.accept()
        with accepted:
            assert peer_uid(peer, server.getsockname()) is None
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, peer = server.accept()
        with accepted:
            assert peer_uid(peer, client.getpeername()) == os.geteuid()


def test_a_foreign_user_who_does_not_wait_for_the_answer_changes_nothing(plane: Plane) -> None:
    if ask(plane.port, "http", "/")[0] in (os.geteuid(), 0):
        return  # This process cannot become another user; what follows is about one.
    started = daemon.probe(plane.port)
    script = REQUEST.replace("GET", "POST")
    for _ in range(10):
        line = [sys.executable, "-I", "-c", script, str(plane.port), "leave", "/local/v1/stop"]
        subprocess.run(line, timeout=60, cwd="/", check=True)
    time.sleep(1)
    assert daemon.probe(plane.port) == started


def test_a_server_for_all_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SHARED_VARIABLE, "1")
    with running(tmp_path) as plane:
        monkeypatch.delenv(SHARED_VARIABLE)
        info = daemon.probe(plane.port)
        assert info is not None
        assert info.shared
        assert " 200 " in ask(plane.port, "http", "/local/v1/info")[1].splitlines()[0]


def test_the_command_line_opens_a_server_for_all(tmp_path: Path) -> None:
    home, port = Home(tmp_path / "home"), free_port()
    line = [sys.executable, "-m", "flyte_local", "start", "--port", str(port), "--home", str(home.path)]
    try:
        subprocess.run(line, check=True, capture_output=True, timeout=120)
        refused = subprocess.run([*line, "--allow-other-users"], capture_output=True, text=True, timeout=120)
        assert refused.returncode == 1
        assert "already runs, for one user" in refused.stderr
        daemon.stop(home, port)
        subprocess.run([*line, "--allow-other-users"], check=True, capture_output=True, timeout=120)
        info = daemon.probe(port)
        assert info is not None
        assert info.shared
    finally:
        daemon.stop(home, port)


def test_telling_a_peer_costs_next_to_nothing() -> None:
    decision = own_user_only()
    assert decision is not None or sys.platform != "linux"
    if decision is None:
        return
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, peer = server.accept()
        with accepted:
            begin = psutil.Process().cpu_times()
            for _ in range(500):
                assert decision(peer, client.getpeername())
            end = psutil.Process().cpu_times()
    assert (end.user - begin.user + end.system - begin.system) / 500 < 0.001
