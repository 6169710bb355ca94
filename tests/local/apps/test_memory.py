"""An app is held to its memory: it ends as OOMKilled, everybody is told, and it starts again after a pause."""

from __future__ import annotations

import contextlib
import os
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil
import pytest
from flyte_local.apps.replica import restart_pause
from flyte_local.memory.limit import MEMORY_VARIABLE
from flyteidl2.app.app_definition_pb2 import App
from flyteidl2.app.app_payload_pb2 import CreateRequest
from flyteidl2.core.tasks_pb2 import Resources
from google.protobuf.struct_pb2 import Struct

from .conftest import PROGRAMS, Plane, declaration, message, phase, running, until

EATER = ["python", str(PROGRAMS / "eater.py"), "8080"]
MIB = 2**20


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A server on which what declares nothing has 300 MiB."""
    with patch.dict(os.environ, {MEMORY_VARIABLE: "300Mi"}), running(tmp_path_factory.mktemp("plane")) as made:
        yield made


def create(plane: Plane, name: str, limit: str = "", request: str = "", **options: Any) -> None:
    app = declaration(name, EATER, **options)
    if limit:
        app.spec.container.resources.limits.add(name=Resources.MEMORY, value=limit)
    if request:
        app.spec.container.resources.requests.add(name=Resources.MEMORY, value=request)
    plane.apps.create(CreateRequest(app=app))


def failed(plane: Plane, name: str) -> App:
    return until(lambda: phase(app := plane.get(name)) == "failed" and app)


def eat(plane: Plane, name: str, size: int) -> None:
    with contextlib.suppress(urllib.error.HTTPError):
        plane.fetch(name, f"/eat/{size}")


def ends(plane: Plane, name: str) -> list[str]:
    """Return the reason of each end of the app."""
    return [event["detail"] for event in plane.events(name) if event["event"] == "exited"]


def starts(plane: Plane, name: str) -> list[str]:
    """Return the detail of each start of the app."""
    return [event["detail"] for event in plane.events(name) if event["event"] == "starting"]


@pytest.mark.parametrize(
    ("name", "options", "limit"),
    [
        ("limited", {"limit": "200Mi"}, "200 MiB, its limit (200Mi)"),
        ("requested", {"request": "200Mi"}, "200 MiB, its limit (200Mi)"),
        ("both", {"request": "100Mi", "limit": "250Mi"}, "250 MiB, its limit (250Mi)"),
        ("undeclared", {}, "300 MiB, the limit of a workload that declares none (FLYTE_LOCAL_MEMORY)"),
    ],
)
def test_an_app_that_takes_too_much_at_its_start_fails_with_the_reason(
    plane: Plane, name: str, options: dict[str, str], limit: str
) -> None:
    create(plane, name, env={"EAT": "600"}, **options)
    reason = message(failed(plane, name))
    assert reason.startswith("OOMKilled (exit code 137): its processes used "), reason
    assert limit in reason
    assert reason in ends(plane, name)
    assert any(line.endswith(f"[flyte-local] {reason}") for line in plane.log(name))
    plane.delete(name)


def test_a_pods_limit_holds_as_well(plane: Plane) -> None:
    app = declaration("pod", EATER)
    pod = Struct()
    pod.update(
        {
            "containers": [
                {
                    "name": "app",
                    "command": EATER,
                    "env": [{"name": "EAT", "value": "600"}],
                    "ports": [{"containerPort": 8080}],
                    "resources": {"limits": {"memory": "200Mi"}},
                }
            ]
        }
    )
    app.spec.pod.pod_spec.CopyFrom(pod)
    app.spec.pod.primary_container_name = "app"
    plane.apps.create(CreateRequest(app=app))
    assert "200 MiB, its limit (200Mi)" in message(failed(plane, "pod"))
    plane.delete("pod")


def test_an_app_that_declares_enough_lives(plane: Plane) -> None:
    create(plane, "enough", limit="1Gi", env={"EAT": "400"})
    plane.wait("enough")
    pid = plane.fetch("enough")["pid"]
    eat(plane, "enough", 100)
    time.sleep(1)
    assert plane.fetch("enough")["pid"] == pid
    plane.delete("enough")


def test_an_app_that_takes_too_much_later_starts_again_after_longer_and_longer_pauses(
    plane: Plane, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    create(plane, "glutton", limit="200Mi", env={"GATE": str(gate)})
    for times in range(1, 4):
        plane.wait("glutton")
        if times == 3:
            gate.unlink()  # The next start does not serve, so the failure stays to be seen.
        eat(plane, "glutton", 400)
        until(lambda times=times: len(ends(plane, "glutton")) == times)  # type: ignore[misc]
    assert "OOMKilled" in message(failed(plane, "glutton"))
    until(lambda: len(starts(plane, "glutton")) == 4)
    events = plane.events("glutton")
    restarts = [event["at"] for event in events if event["event"] == "starting"][1:]
    kills = [event["at"] for event in events if event["event"] == "exited"]
    pauses = [start - end for start, end in zip(restarts, kills, strict=True)]
    least = [restart_pause(crashes, was_healthy=True) for crashes in (1, 2, 3)]
    assert least == sorted(set(least)), "each pause is longer than the one before"
    assert all(pause >= bound for pause, bound in zip(pauses, least, strict=True)), (pauses, least)
    plane.delete("glutton")


def test_a_limit_is_of_one_replica(plane: Plane) -> None:
    app = declaration("several", EATER, env={"EAT": "150"})
    app.spec.container.resources.limits.add(name=Resources.MEMORY, value="250Mi")
    app.spec.autoscaling.replicas.min = app.spec.autoscaling.replicas.max = 3
    plane.apps.create(CreateRequest(app=app))
    plane.wait("several")
    until(lambda: sum(event["event"] == "healthy" for event in plane.events("several")) == 3)
    time.sleep(1)
    assert not ends(plane, "several")
    eat(plane, "several", 200)
    until(lambda: ends(plane, "several"))
    assert len(ends(plane, "several")) == 1
    plane.delete("several")


def test_an_update_that_takes_too_much_leaves_the_old_one_serving(plane: Plane) -> None:
    create(plane, "updated", limit="200Mi")
    plane.wait("updated")
    app = declaration("updated", EATER, env={"EAT": "400"})
    app.spec.container.resources.limits.add(name=Resources.MEMORY, value="200Mi")
    plane.apps.create(CreateRequest(app=app))
    assert "OOMKilled" in (reason := message(failed(plane, "updated")))
    assert reason.endswith("revision 1 keeps serving")
    assert plane.fetch("updated")["pid"]
    plane.delete("updated")


def test_an_app_is_held_to_its_memory_by_the_next_server_too(tmp_path: Path) -> None:
    with running(tmp_path) as plane:
        create(plane, "adopted", limit="200Mi")
        plane.wait("adopted")
        pid = plane.fetch("adopted")["pid"]
        plane.kill()
        plane.start()
        plane.wait("adopted")
        assert plane.fetch("adopted")["pid"] == pid
        eat(plane, "adopted", 400)
        until(lambda: ends(plane, "adopted"))
        assert "OOMKilled" in ends(plane, "adopted")[0]
        assert pid not in [process.pid for process in plane.processes()]


def test_the_server_itself_grows_no_further_while_its_apps_are_killed(plane: Plane) -> None:
    create(plane, "flat", limit="150Mi", env={"EAT": "300"})
    failed(plane, "flat")
    server = psutil.Process(plane.pid)
    before = server.memory_info().rss
    until(lambda: len(ends(plane, "flat")) >= 3)
    assert server.memory_info().rss - before < 30 * MIB
    plane.delete("flat")
