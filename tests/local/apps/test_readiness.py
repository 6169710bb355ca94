"""Readiness: who listens on an app's port must be the app."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from flyte_local.apps import health
from flyte_local.apps.process import AppProcess
from flyte_local.apps.workload import Workload
from flyte_local.processes.process import Command, ProcessRecord

from tests.ports import free_port

SLEEPER = "import time; time.sleep(600)"
# Runs a statement, and listens in the process that comes out of it.
LISTENER = """
import os, socket, sys, time
{first}
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
time.sleep(600)
"""
DAEMON = "if os.fork(): time.sleep(600)\nos.setsid()"


@asynccontextmanager
async def process(folder: Path, program: str, port: int) -> AsyncIterator[AppProcess]:
    plan = ProcessRecord(f"readiness-{port}", port)
    argv = [sys.executable, "-c", program, str(port)]
    made = await AppProcess.start(plan, Command(argv, {"PATH": os.environ["PATH"]}, folder, folder / "log"))
    try:
        yield made
    finally:
        await made.end(5)


async def test_another_programs_listener_is_not_taken_for_the_app(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        async with process(tmp_path, SLEEPER, port) as app:
            work = Workload(("x",), {}, port=port)
            ready = asyncio.ensure_future(health.ready_port(app, work))
            done, _ = await asyncio.wait({ready}, timeout=1.5)
            assert not done
            ready.cancel()
            reason = await health.unready_reason(app, work)
    assert reason.startswith(f"not the app but pid {os.getpid()} (")
    assert f"listens on its port {port}" in reason


@pytest.mark.parametrize(
    "program", [LISTENER.format(first=first) for first in ("", DAEMON)], ids=["itself", "a child of its own session"]
)
async def test_the_apps_own_listener_counts_wherever_it_moved(tmp_path: Path, program: str) -> None:
    port = free_port()
    async with process(tmp_path, program, port) as app:
        assert await asyncio.wait_for(health.ready_port(app, Workload(("x",), {}, port=port)), 60) == port
        assert port in app.ports()


async def test_a_listener_whose_parent_died_is_found_by_its_token(tmp_path: Path) -> None:
    port = free_port()
    program = LISTENER.format(first=f"{DAEMON}\nif os.fork(): os._exit(0)\nos.setsid()")
    async with process(tmp_path, program, port) as app:
        assert await asyncio.wait_for(health.ready_port(app, Workload(("x",), {}, port=port)), 60) == port
        strays = set(app._strays()) - set(app.pids())
        assert strays
        for pid in strays:
            os.kill(pid, signal.SIGKILL)
