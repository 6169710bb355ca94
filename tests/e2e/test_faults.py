"""Killed in the middle, twice at once, without its server: the next `up` converges, nothing is lost or left."""

from __future__ import annotations

import os
import signal
import time

import httpx
import psutil
import pytest

from tests.e2e.harness import TIME_LIMIT, VENV_BIN, Stack
from tests.e2e.programs import EVERYTHING, KEY, SHOP
from tests.processes import kill


def prepared(stack: Stack) -> Stack:
    stack.write(SHOP)
    stack.init()
    stack.configure({"webhookApiKey": KEY}, secret=True)
    return stack


def get(stack: Stack, path: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{stack.port}/apps/shop/development/{path}", timeout=60)


def plugins(stack: Stack) -> list[psutil.Process]:
    return [process for process in stack.processes() if "pulumi-resource-flyte" in command(process)]


def app_processes(stack: Stack) -> list[psutil.Process]:
    return [process for process in stack.processes() if "flyte_runtime" in command(process)]


def command(process: psutil.Process) -> str:
    """The command line; none of a process that has just ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


# Seconds after the plugin came up; spread over a whole `up` of the shop.
MOMENTS = [0.0, 1.3, 3.5, 6.0]
MORE_MOMENTS = [pytest.param(moment, marks=pytest.mark.soak) for moment in (0.4, 0.8, 1.9, 2.6, 4.5, 8.0)]


@pytest.mark.parametrize("moment", [*MOMENTS, *MORE_MOMENTS])
def test_a_killed_plugin_leaves_what_the_next_up_finishes(stack: Stack, moment: float) -> None:
    prepared(stack)
    running = stack.start("up", "--yes", "--skip-preview", "--stack", stack.name)
    deadline = time.monotonic() + TIME_LIMIT
    while not plugins(stack) and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(moment)
    kill(plugins(stack))
    running.communicate(timeout=TIME_LIMIT)
    after = stack.up()
    if after.code:
        # Creates that were under way are in the state as pending; the engine asks for a refresh to settle them.
        assert "pending" in after.text, after.text
        assert stack.refresh("--clear-pending-creates").code == 0
        after = stack.up()
    assert after.code == 0, after.text
    assert stack.deployed().changed == set(), "it has converged"
    resources = stack.export()["deployment"]["resources"]
    assert {f"{item['type']}::{item['urn'].split('::')[-1]}" for item in resources} >= EVERYTHING
    assert get(stack, "webhook/backend").json()["app"] == "backend"
    assert stack.destroy().code == 0
    assert not stack.remaining(), "no orphan"


def test_the_server_and_an_app_come_back_after_kill_9(stack: Stack) -> None:
    prepared(stack).deployed()
    job = get(stack, "webhook/jobs").json()
    for victim in app_processes(stack)[:1]:
        os.kill(victim.pid, signal.SIGKILL)
    assert eventually(
        lambda: get(stack, "backend-api/").status_code == 200 and get(stack, "webhook/").status_code == 200
    )

    server = httpx.get(f"http://127.0.0.1:{stack.port}/local/v1/info", timeout=60).json()
    os.kill(server["pid"], signal.SIGKILL)
    stack.run(str(VENV_BIN / "flyte-local"), "start", "--port", str(stack.port))
    assert eventually(lambda: get(stack, "webhook/backend").status_code == 200)
    assert get(stack, "webhook/jobs").json()["outputs"] == job["outputs"]
    again = httpx.get(f"http://127.0.0.1:{stack.port}/local/v1/info", timeout=60).json()
    assert again["instanceId"] == server["instanceId"]
    assert stack.deployed().changed == set(), "nothing was lost"
    assert stack.destroy().code == 0
    assert not stack.remaining(), "no orphan"


def eventually(check: object, seconds: float = 120) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if check():  # type: ignore[operator]
                return True
        except (httpx.HTTPError, ValueError):
            pass
        time.sleep(0.3)
    return False


def test_a_second_up_at_the_same_time_gets_pulumis_lock_message(stack: Stack) -> None:
    prepared(stack)
    first = stack.start("up", "--yes", "--skip-preview", "--stack", stack.name)
    lock = stack.base / "backend" / ".pulumi" / "locks"
    assert eventually(lambda: any(lock.rglob("*.json")))
    second = stack.up()
    assert second.code != 0
    assert "currently locked" in second.text
    text, _ = first.communicate(timeout=TIME_LIMIT)
    assert first.returncode == 0, text
    assert stack.destroy().code == 0
    assert not stack.remaining()


def test_a_taken_port_is_said_with_its_owner(stack: Stack) -> None:
    prepared(stack)
    occupant = stack.start_program("-m", "http.server", str(stack.port), "--bind", "127.0.0.1")
    try:
        assert eventually(lambda: httpx.get(f"http://127.0.0.1:{stack.port}/").status_code == 200)
        refused = stack.up()
        assert refused.code != 0
        assert str(stack.port) in refused.text
        assert str(occupant.pid) in refused.text
        assert "Traceback" not in refused.text
    finally:
        occupant.terminate()
        occupant.wait()
    assert stack.deployed().changed <= EVERYTHING
    assert stack.destroy().code == 0


def test_an_endpoint_that_does_not_answer_is_named(stack: Stack) -> None:
    prepared(stack)
    stack.configure({"flyte:platform": "flyte", "flyte:endpoint": "dns:///127.0.0.1:9", "flyte:insecure": "true"})
    before = stack.preview()
    assert before.code == 0, before.text
    refused = stack.up()
    assert refused.code != 0
    assert "127.0.0.1:9" in refused.text
    assert "Traceback" not in refused.text
