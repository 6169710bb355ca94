"""Keyed starts through a network that fails: every key several times at once, from several processes.

`python -m tests.runtime.tasks.keyed_starts KEYS COPIES SEED` is one of the processes. It starts every key COPIES times
and prints, as JSON, the names of the runs that each key gave, how many starts failed, and how long it took.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import aiohttp
from aiohttp import web

from tests.processes import all_started
from tests.runtime import plane

ROOT = Path(__file__).parents[3]
WIDTH = 24
# The control plane has one slot, which the first run holds: what is counted is runs, not what they do.
TASK = """
import time
import flyte

env = flyte.TaskEnvironment("keyed", image="local/python")

@env.task
async def once(n: int) -> int:
    time.sleep(3600)
    return n
"""


@dataclass
class Faults:
    """A proxy that fails: of 100 requests, 10 get a 503 and one a reset.

    Half of these requests are passed on before, so that the run starts and only the answer is lost.
    """

    seed: int
    requests: int = 0
    refused: int = 0
    resets: int = 0
    lost_answers: int = 0
    _random: random.Random = field(init=False, repr=False)
    _session: aiohttp.ClientSession = field(init=False, repr=False)
    _target: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    @contextmanager
    def before(self, target: str) -> Iterator[int]:
        """Start the proxy before `target`. Yields its port."""
        loop, ready = asyncio.new_event_loop(), threading.Event()
        ports: list[int] = []

        async def run() -> None:
            async with aiohttp.ClientSession(auto_decompress=False) as session:
                self._session, self._target = session, target
                runner = web.ServerRunner(web.Server(self._handle, auto_decompress=False))
                await runner.setup()
                site = web.TCPSite(runner, "127.0.0.1", 0)
                await site.start()
                ports.append(runner.addresses[0][1])
                ready.set()
                await stopped.wait()
                await runner.cleanup()

        stopped = asyncio.Event()
        thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
        thread.start()
        try:
            assert ready.wait(60)
            yield ports[0]
        finally:
            loop.call_soon_threadsafe(stopped.set)
            thread.join(60)
            loop.close()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests += 1
        drawn, late = self._random.random(), self._random.random() < 0.5
        body = await request.read()
        answer: web.StreamResponse | None = None
        if drawn >= 0.11 or late:
            answer = await self._pass_on(request, body)
        if drawn >= 0.11:
            assert answer is not None
            return answer
        self.lost_answers += late
        if drawn >= 0.10:
            self.resets += 1
            assert request.transport is not None
            request.transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            request.transport.abort()
            return web.Response()
        self.refused += 1
        return web.Response(status=503)

    async def _pass_on(self, request: web.BaseRequest, body: bytes) -> web.Response:
        url = f"{self._target}{request.raw_path}"
        dropped = {"host", "content-length", "transfer-encoding", "connection"}
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in dropped]
        async with self._session.request(request.method, url, headers=headers, data=body) as response:
            passed_on = [(name, value) for name, value in response.headers.items() if name.lower() not in dropped]
            return web.Response(status=response.status, headers=passed_on, body=await response.read())


@contextmanager
def one_slot(folder: Path) -> Iterator[int]:
    """Start a control plane with the task and room for one run. Yields its port."""
    with patch.dict(os.environ, FLYTE_LOCAL_CONCURRENCY="1"), plane.control_plane(folder, "keyed", TASK) as port:
        yield port


def variables(port: int) -> dict[str, str]:
    """Return the environment of a process that is wired with the task through this port."""
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    wired = {"PATH": os.environ["PATH"], "ONCE": "demo/development/keyed.once@v1"}
    return measured | wired | plane.variables(port)


def runs_there(port: int) -> list[str]:
    """Return the names of all runs of the task on the control plane, which is asked without the proxy."""
    code = (
        "import asyncio, flyte_runtime as rt\n"
        "print(*[run.name for run in asyncio.run(rt.task('once').runs(1_000_000))])"
    )
    done = subprocess.run([sys.executable, "-c", code], env=variables(port), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@dataclass
class Started:
    """The starts of all processes. `names` has the names of the runs that each key gave."""

    names: dict[str, set[str]] = field(default_factory=dict)
    starts: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0


def start_from_processes(port: int, keys: int, copies: int, processes: int = 2) -> Started:
    """Start every key `copies` times in each process."""
    total = Started()
    begun = time.monotonic()
    command = [sys.executable, "-m", __name__, str(keys), str(copies)]
    commands = [[*command, str(seed)] for seed in range(processes)]
    with all_started(commands, cwd=ROOT, env=variables(port), stdout=subprocess.PIPE, text=True) as working:
        outputs = [process.communicate()[0] for process in working]
    for process, output in zip(working, outputs, strict=True):
        assert process.returncode == 0
        report = json.loads(output)
        total.starts += keys * copies
        total.failures += report["failures"]
        for key, names in report["names"].items():
            total.names.setdefault(key, set()).update(names)
    total.seconds = time.monotonic() - begun
    return total


async def _start_all(keys: int, copies: int, seed: int) -> dict[str, object]:
    import flyte_runtime as rt
    from flyte_runtime.errors import FlyteRuntimeError

    names: dict[str, set[str]] = {}
    failures: list[str] = []
    # Copies of a key are near each other, so that they are under way at the same time, here and in other processes.
    order = [key for key in range(keys) for _ in range(copies)]
    chance = random.Random(seed)
    order = [key for _, key in sorted((position + chance.uniform(0, WIDTH), key) for position, key in enumerate(order))]
    left = iter(order)

    async def work() -> None:
        for key in left:
            try:
                run = await rt.task("once").start(n=key, idempotency_key=f"delivery-{key}")
            except FlyteRuntimeError as error:
                failures.append(f"{type(error).__name__}: {error}")
            else:
                names.setdefault(str(key), set()).add(run.name)

    await asyncio.gather(*(work() for _ in range(WIDTH)))
    return {"names": {key: sorted(runs) for key, runs in names.items()}, "failures": failures}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_start_all(*map(int, sys.argv[1:])))))
