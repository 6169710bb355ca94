"""Replicas of an app as its load asks for them: up to the maximum, to zero, back on a request, after kill -9."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from flyteidl2.app import app_payload_pb2 as payload
from flyteidl2.app.app_definition_pb2 import App, AutoscalingConfig
from flyteidl2.app.app_logs_payload_pb2 import TailLogsRequest
from flyteidl2.app.app_logs_service_connect import AppLogsServiceClientSync
from flyteidl2.app.replica_definition_pb2 import ReplicaIdentifier
from flyteidl2.logs.dataplane.payload_pb2 import PERSISTED_ONLY

from tests.ports import free_port

from .conftest import ASGI, PLAIN, Plane, declaration, identifier, message, phase, until


def scaling(least: int, most: int, *, after: float = 1.0, concurrency: int = 0, rate: int = 0) -> AutoscalingConfig:
    made = AutoscalingConfig()
    made.replicas.min, made.replicas.max = least, most
    made.scaledown_period.FromMilliseconds(int(after * 1000))
    if concurrency:
        made.scaling_metric.concurrency.target_value = concurrency
    if rate:
        made.scaling_metric.request_rate.target_value = rate
    return made


def pids(plane: Plane, name: str) -> list[int]:
    """Return the pids of the app's processes."""
    return [process.pid for process in plane.processes_of(name)]


def replicas(plane: Plane, name: str) -> int:
    return int(plane.get(name).status.current_replicas)


def zero(plane: Plane, name: str) -> App:
    until(lambda: replicas(plane, name) == 0 and not pids(plane, name), 60)
    return plane.get(name)


def test_an_idle_app_scales_to_zero_stays_active_and_the_next_request_starts_it(plane: Plane) -> None:
    plane.up("idle", autoscaling=scaling(0, 1))
    first = plane.fetch("idle")["pid"]
    app = zero(plane, "idle")
    events = [event["event"] for event in plane.events("idle")]
    assert events[:3] == ["starting", "healthy", "scaled"], "an app starts first"
    assert phase(app) == "active"
    assert message(app) == "revision 1 is scaled to zero"
    assert app.status.ingress.public_url == plane.endpoint("idle")
    before = len(events)
    with ThreadPoolExecutor(1) as pool:
        # While a request is under way, there is a replica.
        answer = pool.submit(plane.fetch, "idle", "/slow")
        until(lambda: replicas(plane, "idle") == 1)
        assert phase(plane.get("idle")) == "active"
        assert answer.result()["pid"] != first
    scaled = [event["detail"] for event in plane.events("idle")[before:] if event["event"] == "scaled"]
    assert scaled[0] == "from 0 to 1"
    zero(plane, "idle")
    scaled = [event["detail"] for event in plane.events("idle") if event["event"] == "scaled"]
    assert scaled[-2:] == ["from 0 to 1", "from 1 to 0 after 1 s without need"]


def test_requests_that_come_at_once_to_an_app_at_zero_are_all_held_and_start_one_process(plane: Plane) -> None:
    plane.up("woken", env={"BEHAVIOUR": "late"}, autoscaling=scaling(0, 1))
    zero(plane, "woken")
    with ThreadPoolExecutor(8) as pool:
        serving = set(pool.map(lambda _: plane.fetch("woken")["pid"], range(8)))
    assert len(serving) == 1


def test_watch_tells_of_the_replicas(plane: Plane) -> None:
    plane.up("watched", autoscaling=scaling(0, 1))
    seen: set[tuple[str, int]] = set()
    request = payload.WatchRequest(app_id=identifier("watched"))
    for event in plane.apps.watch(request, timeout_ms=60_000):
        if not seen:
            plane.fetch("watched")  # If it is at zero already, this wakes it.
        app = event.update_event.updated_app
        if event.HasField("update_event"):
            seen.add((phase(app), app.status.current_replicas))
        if seen >= {("active", 0), ("active", 1)}:
            break
    assert seen == {("active", 0), ("active", 1)}


def test_an_equal_declaration_leaves_an_app_at_zero_alone(plane: Plane) -> None:
    plane.up("settled", autoscaling=scaling(0, 1))
    zero(plane, "settled")
    plane.create("settled", autoscaling=scaling(0, 1))
    assert phase(plane.get("settled")) == "active"
    assert pids(plane, "settled") == []


def test_an_app_at_zero_is_updated_stopped_and_deleted_as_any_other(plane: Plane) -> None:
    plane.up("changing", env={"VERSION": "1"}, autoscaling=scaling(0, 1))
    zero(plane, "changing")
    plane.update("changing", env={"VERSION": "2"}, autoscaling=scaling(0, 1))
    plane.wait("changing")
    assert plane.fetch("changing")["version"] == "2"
    zero(plane, "changing")
    plane.update("changing", stop=True)
    assert phase(plane.get("changing")) == "stopped"
    plane.update("changing", env={"VERSION": "3"}, autoscaling=scaling(0, 1))
    plane.wait("changing")
    zero(plane, "changing")
    plane.delete("changing")
    assert pids(plane, "changing") == []


def test_a_cold_start_that_fails_says_so(plane: Plane, tmp_path: Any) -> None:
    fuse = tmp_path / "fuse"
    program = f"import os; os.path.exists({str(fuse)!r}) and os._exit(7); exec(open({PLAIN[1]!r}).read())"
    plane.up("fragile", ["python", "-c", program, "8080"], autoscaling=scaling(0, 1, after=0.5))
    zero(plane, "fragile")
    fuse.touch()
    with pytest.raises(OSError, match="503"):
        plane.fetch("fragile")
    assert message(plane.wait("fragile", "failed")) == "exited with code 7"
    fuse.unlink()
    assert phase(plane.wait("fragile", seconds=60)) == "active"


async def test_an_open_websocket_and_a_response_that_streams_keep_an_app_up(plane: Plane) -> None:
    for name, path in (("socket", "/ws"), ("stream", "/endless")):
        plane.up(name, ASGI, autoscaling=scaling(0, 1, rate=10, after=0.5))
        async with aiohttp.ClientSession() as session:
            url = plane.endpoint(name) + path
            opened = session.ws_connect(url) if name == "socket" else session.get(url)
            async with opened as connection:
                before = pids(plane, name)
                await asyncio.sleep(2.5)
                assert pids(plane, name) == before != []
                if isinstance(connection, aiohttp.ClientWebSocketResponse):
                    await connection.send_str("still there")
                    assert await connection.receive_str() == "echo still there"
        zero(plane, name)


def test_concurrency_brings_replicas_up_to_the_maximum_and_back(plane: Plane) -> None:
    plane.up("busy", autoscaling=scaling(1, 3, concurrency=2, after=2))
    with ThreadPoolExecutor(12) as pool:
        stop = threading.Event()
        serving: set[int] = set()

        def work() -> None:
            while not stop.is_set():
                serving.add(plane.fetch("busy", "/slow")["pid"])

        running = [pool.submit(work) for _ in range(12)]
        until(lambda: replicas(plane, "busy") == 3, 60)
        until(lambda: len(serving) == 3, 60)
        stop.set()
        for future in running:
            future.result()
    until(lambda: replicas(plane, "busy") == 1 and len(pids(plane, "busy")) == 1, 60)
    assert phase(plane.get("busy")) == "active"


def test_the_request_rate_brings_replicas_up(plane: Plane) -> None:
    plane.up("rated", autoscaling=scaling(0, 2, rate=1, after=2))

    def fetched() -> bool:
        plane.fetch("rated")
        return replicas(plane, "rated") == 2

    until(fetched, 60)


def test_a_fixed_number_shares_the_load_and_replaces_the_one_that_dies(plane: Plane, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    plane.up("fixed", env={"BEHAVIOUR": "gated", "GATE": str(gate)}, autoscaling=scaling(3, 3))
    assert replicas(plane, "fixed") == 3, "an app is active once all that it begins with are"
    serving = {plane.fetch("fixed")["pid"] for _ in range(9)}
    assert len(serving) == 3
    gate.unlink()
    os.kill(serving.pop(), signal.SIGKILL)
    until(lambda: replicas(plane, "fixed") == 2)
    assert phase(plane.get("fixed")) == "active"
    gate.touch()
    until(lambda: replicas(plane, "fixed") == 3)
    assert {plane.fetch("fixed")["pid"] for _ in range(9)} > serving


def test_each_replica_has_a_log_of_its_own(plane: Plane) -> None:
    plane.up("logged", env={"BEHAVIOUR": "chatty"}, autoscaling=scaling(2, 2))
    for _ in range(4):
        plane.fetch("logged", "/marked")
    logs = plane.client(AppLogsServiceClientSync)

    def lines(request: TailLogsRequest) -> dict[str, int]:
        counted: dict[str, int] = {}
        for response in logs.tail_logs(request):
            for batch in response.batches.logs:
                count = sum("/marked" in line for line in batch.lines)
                counted[batch.replica_id.name] = counted.get(batch.replica_id.name, 0) + count
        return counted

    assert lines(TailLogsRequest(app_id=identifier("logged"), source=PERSISTED_ONLY)) == {"1": 2, "1-2": 2}
    second = ReplicaIdentifier(app_id=identifier("logged"), name="1-2")
    assert lines(TailLogsRequest(replica_id=second, source=PERSISTED_ONLY)) == {"1-2": 2}


def test_a_replica_that_is_not_needed_any_more_ends_after_its_requests(plane: Plane) -> None:
    plane.up("gentle", autoscaling=scaling(0, 2, concurrency=1, after=0.5))
    answers: list[Any] = []
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            answers += pool.map(lambda _: plane.fetch("gentle", "/slow"), range(4))
            time.sleep(0.4)
    assert len(answers) == 12
    zero(plane, "gentle")


def test_a_program_that_insists_on_its_port_and_cannot_be_helped_stays_one_process(plane: Plane) -> None:
    port = free_port()
    program = f"import sys; sys.argv[1:] = ['{port}']; exec(open({PLAIN[1]!r}).read())"
    # -E: out of reach of the hook that gives Python programs another port, as programs in other languages are.
    plane.up("stubborn", ["python", "-E", "-c", program], port=port, autoscaling=scaling(2, 2))
    assert replicas(plane, "stubborn") == 1
    assert len(pids(plane, "stubborn")) == 1


def test_an_app_whose_port_another_program_takes_starts_on_another_and_has_not_failed(
    plane: Plane, tmp_path: Path
) -> None:
    chosen = tmp_path / "port"
    program = f"""
import os, pathlib, socket, sys, time
chosen, port = pathlib.Path({str(chosen)!r}), int(os.environ["PORT"])
if not chosen.exists():
    chosen.write_text(str(port))
    while socket.socket().connect_ex(("127.0.0.1", port)):
        time.sleep(0.05)
sys.argv[1:] = [str(port)]
exec(open({PLAIN[1]!r}).read())
"""
    plane.create("robbed", ["python", "-c", program])
    with socket.socket() as thief:
        thief.bind(("127.0.0.1", int(until(lambda: chosen.exists() and chosen.read_text()))))
        thief.listen()
        plane.wait("robbed")
    events = [(event["event"], event["detail"]) for event in plane.events("robbed")]
    assert [event for event, _ in events].count("starting") == 2, events
    assert "exited" not in [event for event, _ in events], events
    assert f"another program has taken port {chosen.read_text()}" in "\n".join(plane.log("robbed"))


def test_an_update_begins_with_as_many_replicas_as_there_are(plane: Plane) -> None:
    plane.up("grown", env={"VERSION": "1"}, autoscaling=scaling(1, 2, concurrency=1, after=30))
    with ThreadPoolExecutor(3) as pool:
        while replicas(plane, "grown") < 2:
            list(pool.map(lambda _: plane.fetch("grown", "/slow"), range(3)))
    plane.update("grown", env={"VERSION": "2"}, autoscaling=scaling(1, 2, concurrency=1, after=30))
    assert plane.wait("grown").status.current_replicas == 2
    assert plane.fetch("grown")["version"] == "2"


def test_every_replica_is_taken_over_and_an_app_at_zero_stays_there(own_plane: Plane) -> None:
    own_plane.up("several", autoscaling=scaling(3, 3))
    own_plane.up("resting", autoscaling=scaling(0, 1, after=0.5))
    zero(own_plane, "resting")
    before = sorted(pids(own_plane, "several"))
    own_plane.kill()
    own_plane.start()
    until(lambda: replicas(own_plane, "several") == 3)
    assert sorted(pids(own_plane, "several")) == before
    assert phase(own_plane.wait("resting")) == "active"
    assert pids(own_plane, "resting") == []
    assert own_plane.fetch("resting")["version"] is None
    adopted = [e["detail"] for e in own_plane.events("several") if e["event"] == "adopted"]
    assert sorted(re.sub(r"pid \d+", "pid", detail) for detail in adopted) == [
        "pid",
        "replica 2, pid",
        "replica 3, pid",
    ]


def test_a_declared_default_is_flytes(plane: Plane) -> None:
    """`Scaling()` of Flyte's SDK: no process without need, one at most."""
    from flyte.app import Scaling

    least, most = Scaling().get_replicas()
    app = declaration("default", PLAIN, autoscaling=scaling(least, most, after=0.5))
    plane.apps.create(payload.CreateRequest(app=app))
    plane.wait("default")
    zero(plane, "default")
