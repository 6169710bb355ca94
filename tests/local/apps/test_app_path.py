"""Programs that insist on the port they declare: each gets one of its own, and nothing else notices."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from flyte_local.apps.environment import APP_PATH, BIND_VARIABLE
from flyte_local.home import Home
from flyte_local.processes.environment import TASK_PATH, flyte_environment
from flyte_local.state.context import Context
from flyte_local.state.store import Store

from tests.ports import free_port

from .conftest import PROGRAMS, Plane, status_of, until
from .test_replicas import pids, replicas, scaling

INSISTENT = str(PROGRAMS / "insistent.py")


def run(program: str, *arguments: str, path: str = str(APP_PATH), **variables: str) -> str:
    """Return the output of a program that starts as an app's process does."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": path, **variables}
    command = [sys.executable, *(["-c", program] if "\n" in program or " " in program else [program]), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "sitecustomize" not in done.stderr
    return done.stdout


@pytest.mark.parametrize("server", ["plain", "asyncio", "uvloop"])
def test_programs_with_the_same_port_in_their_code_run_side_by_side(plane: Plane, server: str) -> None:
    names = [f"{server}-first", f"{server}-second"]
    for name in names:
        plane.create(name, ["python", INSISTENT, server], env={"NAME": name})
    for name in names:
        plane.wait(name)
        assert plane.fetch(name)["name"] == name
    for pid in pids(plane, names[0]):
        listening = [c.laddr for c in psutil.Process(pid).net_connections() if c.status == psutil.CONN_LISTEN]
        assert [address.ip for address in listening] == ["127.0.0.1"], "only the proxy is to be reached from outside"
        assert listening[0].port != 8080


def test_a_program_that_insists_on_its_port_has_replicas(plane: Plane) -> None:
    plane.up("doubled", ["python", INSISTENT, "uvloop"], autoscaling=scaling(2, 2))
    until(lambda: replicas(plane, "doubled") == 2, 60)
    assert len({plane.fetch("doubled")["pid"] for _ in range(10)}) == 2


def test_streamlit_apps_with_the_same_port_run_side_by_side(plane: Plane, tmp_path: Path) -> None:
    (tmp_path / "board.py").write_text("import streamlit as st\nst.title('Sales')\n")
    # One word to everybody but the shell: no argument to rewrite.
    command = f"streamlit run {tmp_path}/board.py --server.port 8080 --server.headless true"
    for name in ("board-one", "board-two"):
        plane.create(name, ["sh", "-c", command])
    for name in ("board-one", "board-two"):
        plane.wait(name, seconds=90)
        assert status_of(plane.endpoint(name) + "/_stcore/health") == (200, "ok")
        assert "Streamlit" in status_of(plane.endpoint(name))[1]


@pytest.mark.parametrize("how", ["socket", "asyncio", "uvloop"])
@pytest.mark.parametrize("host", ["", "0.0.0.0", "127.0.0.1", "localhost", "None"])
def test_every_way_to_say_this_machine_is_the_loopback(how: str, host: str) -> None:
    real = free_port()
    addresses, peer = json.loads(run(str(PROGRAMS / "binder.py"), how, host, **{BIND_VARIABLE: f"8080:{real}"}))
    assert ["127.0.0.1", real] in addresses
    assert all(address in (["127.0.0.1", real], ["::1", real]) for address in addresses)
    assert peer == ["127.0.0.1", real], "in a container, a program finds itself at its port"


def test_a_program_that_reads_its_port_is_held_to_the_loopback_too() -> None:
    real = free_port()
    program = f"import socket; print(socket.create_server(('0.0.0.0', {real})).getsockname()[0])"
    assert run(program, **{BIND_VARIABLE: f"8080:{real}"}) == "127.0.0.1\n"


def test_ipv6_with_and_without_ipv4() -> None:
    real = free_port()
    bind = {BIND_VARIABLE: f"8080:{real}"}
    assert json.loads(run(str(PROGRAMS / "binder.py"), "both", "::", **bind))[0] == [["::ffff:127.0.0.1", real]]
    for how in ("asyncio", "uvloop"):
        assert json.loads(run(str(PROGRAMS / "binder.py"), how, "::", **bind))[0] == [["::1", real]]


def test_other_ports_and_other_sockets_stay_as_they_are() -> None:
    program = """
import socket
free = socket.create_server(("0.0.0.0", 0))
print(free.getsockname()[0])
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.bind(("0.0.0.0", 0))
print(datagrams.getsockname()[0])
socket.socket(socket.AF_UNIX).bind("")
print(socket.socket().connect_ex(("127.0.0.1", 1)) > 0)
"""
    assert run(program, **{BIND_VARIABLE: "8080:23456"}).split() == ["0.0.0.0", "0.0.0.0", "True"]


def test_a_start_imports_nothing_that_the_program_does_not() -> None:
    program = "import sys; print({'socket', 'signal', 'typing', 'asyncio', 'importlib.util'} & sys.modules.keys())"
    script = ["-S", "-c", f"import sys; sys.path.insert(0, {str(APP_PATH)!r}); import sitecustomize; {program}"]
    done = subprocess.run([sys.executable, *script], env={BIND_VARIABLE: "8080:1"}, capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr


def test_a_sitecustomize_of_the_app_runs_too(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import socket\nmark = socket.socket.bind.__name__\n")
    path = os.pathsep.join([str(APP_PATH), str(tmp_path)])
    program = "import sitecustomize; print(sitecustomize.mark, sitecustomize.__file__)"
    assert run(program, path=path, **{BIND_VARIABLE: "8080:1"}).split() == [
        "bind_real",
        str(tmp_path / "sitecustomize.py"),
    ]


def test_nothing_changes_outside_of_apps(tmp_path: Path) -> None:
    program = "import socket, _socket; print(socket.socket.bind is _socket.socket.bind)"
    assert run(program) == "True\n"
    assert run(program, **{BIND_VARIABLE: "8080:1"}) == "False\n"
    home = Home(tmp_path)
    of_tasks = flyte_environment(Context(home, 1, Store(home.database)), "p", "d", sys.executable)
    assert str(APP_PATH) not in of_tasks["PYTHONPATH"]
    assert BIND_VARIABLE not in of_tasks


def test_an_app_with_an_import_path_of_its_own_keeps_it(plane: Plane, tmp_path: Path) -> None:
    plane.up("pathed", env={"PYTHONPATH": str(tmp_path)})
    path = plane.fetch("pathed")["env"]["PYTHONPATH"]
    assert path.split(os.pathsep) == [str(APP_PATH), str(TASK_PATH), str(tmp_path)]


def test_a_library_that_is_looked_for_and_then_imported_is_changed() -> None:
    program = (
        "import importlib.util as u; u.find_spec('uvloop'); import uvloop; print(uvloop.Loop.create_server.__name__)"
    )
    assert run(program, **{BIND_VARIABLE: "8080:1"}) == "create_server_real\n"
    program = "import socket; print(type(socket.__loader__).__name__, type(socket.__spec__.loader).__name__)"
    assert run(program, **{BIND_VARIABLE: "8080:1"}).split() == ["SourceFileLoader", "SourceFileLoader"]


@pytest.mark.parametrize(("first", "handler", "printed"), [
    (True, "", "on"),
    (False, "", ""),
    (True, "signal.signal(signal.SIGTERM, lambda *_: print('handled'));", "handled on"),
])  # fmt: skip
def test_the_first_process_alone_outlives_a_sigterm_of_its_own_that_it_does_not_handle(
    first: bool, handler: str, printed: str
) -> None:
    program = f"import signal; {handler} signal.raise_signal(signal.SIGTERM); print('on')"
    environment = {"PYTHONPATH": str(APP_PATH), BIND_VARIABLE: "8080:1"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, start_new_session=first
    )
    assert (done.stdout.split(), done.returncode) == (printed.split(), 0 if printed else -15), done.stderr
