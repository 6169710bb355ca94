"""A new revision beside the old one: who serves, and when."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import psutil

from .conftest import ASGI, Plane, message, phase, status_of, until


class Load:
    """Sends requests without a pause. Has the versions that answered, and the errors."""

    def __init__(self, plane: Plane, name: str, path: str = "/") -> None:
        self.versions: list[str] = []
        self.failures: list[str] = []
        self._plane, self._name, self._path = plane, name, path
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(3)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.versions.append(self._plane.fetch(self._name, self._path)["version"])
            except OSError as error:
                self.failures.append(str(error))
            time.sleep(0.005)


def test_an_update_takes_the_traffic_without_losing_a_request(plane: Plane) -> None:
    plane.up("rolled", env={"VERSION": "1"})
    old = plane.fetch("rolled")["pid"]
    with Load(plane, "rolled") as load:
        until(lambda: load.versions)
        updated = plane.update("rolled", env={"VERSION": "2"})
        assert phase(updated) == "pending"
        plane.wait("rolled")
        until(lambda: not psutil.pid_exists(old))
        until(lambda: "2" in load.versions)
    assert load.failures == []
    assert {"1", "2"} == set(load.versions)
    assert plane.fetch("rolled")["version"] == "2"


def test_a_failed_update_leaves_the_old_revision_serving(plane: Plane) -> None:
    plane.up("guarded", env={"VERSION": "1"})
    with Load(plane, "guarded") as load:
        until(lambda: load.versions)
        plane.update("guarded", env={"VERSION": "2", "BEHAVIOUR": "exit"})
        failed = plane.wait("guarded", "failed")
    assert message(failed) == "exited with code 3; revision 1 keeps serving"
    assert load.failures == []
    assert set(load.versions) == {"1"}
    assert plane.log("guarded")[-1] == "[flyte-local] exited with code 3"
    plane.update("guarded", env={"VERSION": "3"})
    plane.wait("guarded")
    assert plane.fetch("guarded")["version"] == "3"


def test_an_update_that_never_gets_healthy_is_given_up(plane: Plane) -> None:
    plane.up("patient", env={"VERSION": "1"})
    plane.update("patient", env={"VERSION": "2", "BEHAVIOUR": "deaf", "FLYTE_HEALTH_TIMEOUT": "1"})
    reason = message(plane.wait("patient", "failed"))
    assert reason.startswith("not healthy within 1 s: nothing listens on the app's port")
    assert reason.endswith("; revision 1 keeps serving")
    until(lambda: len(plane.processes_of("patient")) == 1)
    assert plane.fetch("patient")["version"] == "1"


def test_a_request_on_its_way_is_answered_by_the_revision_that_got_it(plane: Plane, tmp_path: Path) -> None:
    arrived = tmp_path / "arrived"
    plane.up("drained", env={"VERSION": "1", "ARRIVED": str(arrived)})
    answers: list[str] = []
    slow = threading.Thread(target=lambda: answers.append(plane.fetch("drained", "/slow")["version"]))
    slow.start()
    until(arrived.exists)
    plane.update("drained", env={"VERSION": "2"})
    plane.wait("drained")
    assert plane.fetch("drained")["version"] == "2"
    slow.join()
    assert answers == ["1"]


def test_the_last_of_several_quick_updates_wins(plane: Plane) -> None:
    plane.up("hasty", env={"VERSION": "0"})
    for version in range(1, 6):
        plane.update("hasty", env={"VERSION": str(version)})
    plane.wait("hasty")
    assert plane.fetch("hasty")["version"] == "5"
    until(lambda: len(plane.processes_of("hasty")) == 1)


def test_a_crash_loop_is_reported_and_ends_with_the_cause(plane: Plane) -> None:
    plane.up("looping")
    for _ in range(3):
        pid = plane.fetch("looping")["pid"]
        psutil.Process(pid).kill()
        until(lambda pid=pid: not psutil.pid_exists(pid))  # type: ignore[misc]
        until(lambda: phase(plane.get("looping")) in ("active", "failed"))
    assert phase(plane.wait("looping", "active")) == "active"


def test_requests_to_a_stopped_or_broken_app_say_what_is_wrong(plane: Plane) -> None:
    plane.create("broken", env={"BEHAVIOUR": "exit"})
    plane.wait("broken", "failed")
    code, body = status_of(plane.endpoint("broken") + "/")
    assert (code, body) == (503, '{"error": "app shop/development/broken is not ready: exited with code 3"}')


def test_a_request_is_held_while_its_app_starts(plane: Plane) -> None:
    plane.create("held", env={"BEHAVIOUR": "late", "VERSION": "1"})
    started = time.monotonic()
    assert plane.fetch("held")["version"] == "1"
    assert time.monotonic() - started > 1


def test_uvicorn_apps_roll_over_too(plane: Plane) -> None:
    plane.up("asgi", ASGI)
    pid = plane.fetch("asgi")["pid"]
    plane.update("asgi", ASGI, env={"VERSION": "2"})
    plane.wait("asgi")
    until(lambda: not psutil.pid_exists(pid))
    assert plane.fetch("asgi")["pid"] != pid
