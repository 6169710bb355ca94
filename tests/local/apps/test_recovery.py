"""kill -9 of the server, at any moment: running apps are taken over, dead ones started again, strays ended."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from flyte_local import daemon
from flyte_local.processes.process import is_alive

from tests.processes import started

from .conftest import ASGI, DOMAIN, PROJECT, Plane, message, phase, running, until


def test_running_apps_are_taken_over_with_their_pids(own_plane: Plane) -> None:
    own_plane.up("one")
    own_plane.up("two", ASGI)
    pids = {name: own_plane.fetch(name)["pid"] for name in ("one", "two")}
    own_plane.kill()
    assert all(psutil.pid_exists(pid) for pid in pids.values())
    own_plane.start()
    for name, pid in pids.items():
        own_plane.wait(name)
        assert own_plane.fetch(name)["pid"] == pid
        assert "adopted" in [e["event"] for e in own_plane.events(name)]


def test_an_app_that_died_meanwhile_is_started_again(own_plane: Plane) -> None:
    own_plane.up("gone", env={"VERSION": "7"})
    pid = own_plane.fetch("gone")["pid"]
    own_plane.kill()
    os.kill(pid, signal.SIGKILL)
    own_plane.start()
    facts = own_plane.fetch("gone")
    assert facts["pid"] != pid
    assert facts["version"] == "7"


def test_an_adopted_app_is_watched_and_can_be_deleted(own_plane: Plane) -> None:
    own_plane.up("watched")
    pid = own_plane.fetch("watched")["pid"]
    own_plane.kill()
    own_plane.start()
    own_plane.wait("watched")
    os.kill(pid, signal.SIGKILL)
    # What is still dying may take one more connection, and its answer would be a 502.
    until(lambda: not is_alive(pid, None))
    again = until(lambda: (current := own_plane.fetch("watched")["pid"]) != pid and current)
    own_plane.delete("watched")
    assert not psutil.pid_exists(again)


def test_a_stopped_app_and_a_failure_stay_what_they_are(own_plane: Plane) -> None:
    own_plane.up("stopped")
    own_plane.update("stopped", stop=True)
    own_plane.up("failing", env={"VERSION": "1"})
    own_plane.update("failing", env={"BEHAVIOUR": "exit"})
    before = message(own_plane.wait("failing", "failed"))
    own_plane.kill()
    own_plane.start()
    assert phase(own_plane.get("stopped")) == "stopped"
    assert message(own_plane.get("failing")) == before
    assert own_plane.fetch("failing")["version"] == "1"


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.06, 0.15, 0.4])
def test_a_server_killed_in_the_middle_of_a_start_leaves_no_orphan(own_plane: Plane, delay: float) -> None:
    for number in range(3):
        own_plane.create(f"app-{number}")
    time.sleep(delay)
    own_plane.kill()
    own_plane.start()
    for number in range(3):
        own_plane.wait(f"app-{number}")
    until(lambda: len(own_plane.processes()) == 3)
    assert {own_plane.fetch(f"app-{n}")["pid"] for n in range(3)} == {p.pid for p in own_plane.processes()}


def test_a_server_killed_in_the_middle_of_an_update_ends_with_one_process(own_plane: Plane) -> None:
    own_plane.up("updating", env={"VERSION": "1"})
    for number, delay in enumerate((0.0, 0.05, 0.1, 0.2), start=2):
        own_plane.update("updating", env={"VERSION": str(number)})
        time.sleep(delay)
        own_plane.kill()
        own_plane.start()
        own_plane.wait("updating")
        assert own_plane.fetch("updating")["version"] == str(number)
        until(lambda: len(own_plane.processes()) == 1)


def test_a_deletion_that_was_cut_off_is_finished(own_plane: Plane) -> None:
    own_plane.up("stubborn", env={"BEHAVIOUR": "stubborn"})
    pid = own_plane.fetch("stubborn")["pid"]
    program = (
        "import sys; from flyteidl2.app.app_service_connect import AppServiceClientSync as C;"
        "from flyteidl2.app.app_payload_pb2 import DeleteRequest as D; r = D();"
        "r.app_id.project, r.app_id.domain, r.app_id.name = sys.argv[2:]; C(sys.argv[1]).delete(r)"
    )
    command = [sys.executable, "-c", program, own_plane.url, PROJECT, DOMAIN, "stubborn"]
    with started(command, stderr=subprocess.DEVNULL) as deletion:
        until(lambda: not own_plane.apps.list(_everything()).apps)
        own_plane.kill()
        deletion.wait(60)
    assert psutil.pid_exists(pid), "or the kill came too late to show anything"
    own_plane.start()
    until(lambda: not psutil.pid_exists(pid))
    assert own_plane.processes() == []


def test_a_process_with_a_used_again_pid_is_not_taken_for_an_app(own_plane: Plane) -> None:
    created = psutil.Process().create_time()
    assert is_alive(os.getpid(), created)
    assert not is_alive(os.getpid(), created - 60)


def test_stopping_ends_every_app_and_starting_brings_them_back(own_plane: Plane) -> None:
    own_plane.up("back", env={"VERSION": "1"})
    own_plane.close_clients()
    assert daemon.stop(own_plane.home, own_plane.port)
    assert own_plane.processes() == []
    own_plane.start()
    assert own_plane.fetch("back")["version"] == "1"


def test_sigterm_ends_the_apps_as_well(own_plane: Plane) -> None:
    own_plane.up("terminated")
    own_plane.close_clients()
    os.kill(own_plane.pid, signal.SIGTERM)
    until(lambda: daemon.probe(own_plane.port) is None)
    until(lambda: own_plane.processes() == [])


def test_a_server_whose_home_was_removed_ends_and_a_new_one_starts(tmp_path: Path) -> None:
    with running(tmp_path) as plane:
        plane.up("lost")
        pid, instance = plane.pid, plane.home.instance_id()
        app = plane.fetch("lost")["pid"]
        plane.home.set_owner("me", 3)
        plane.close_clients()
        # At once: while a tree is removed file by file, the server may write another one.
        shutil.rmtree(plane.home.path.rename(tmp_path / "removed"))
        plane.start()
        assert plane.pid != pid
        assert plane.home.instance_id() != instance
        assert plane.home.owners() == {}
        assert list(plane.apps.list(_everything()).apps) == []
        until(lambda: not psutil.pid_exists(app))


def _everything() -> object:
    from flyteidl2.app.app_payload_pb2 import ListRequest

    return ListRequest(org="local")
