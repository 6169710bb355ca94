"""Load on the tasks' side, measured: many runs at once, many runs one after another."""

from __future__ import annotations

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil
from flyte_local.runs.phases import SUCCEEDED
from flyteidl2.common.identifier_pb2 import ProjectIdentifier, RunIdentifier
from flyteidl2.task.task_definition_pb2 import TaskIdentifier
from flyteidl2.workflow import run_service_pb2 as pb
from flyteidl2.workflow.run_service_connect import RunServiceClientSync

from .conftest import DOMAIN, PROJECT, World
from .test_runs import outputs

CODE = """
import flyte

env = flyte.TaskEnvironment(name="load", image="auto")

@env.task
def double(x: int) -> int:
    return 2 * x
"""
_EVERY = 0.05


@dataclass(frozen=True)
class Burst:
    """Runs started at once: how long it all took, how long callers waited meanwhile, what the processes needed."""

    runs: int
    seconds: float
    calls: int
    p50_ms: float
    p99_ms: float
    memory_mb: float
    processes: int


@dataclass(frozen=True)
class Resources:
    """The memory, descriptors and threads of the server."""

    memory_mb: float
    descriptors: int
    threads: int

    @classmethod
    def by(cls, pid: int) -> Resources:
        process = psutil.Process(pid)
        return cls(process.memory_info().rss / 2**20, process.num_fds(), process.num_threads())


def deployed(world: World) -> TaskIdentifier:
    """The task that the load consists of, run once so that the first load is not the first use."""
    (world.user_home / "load.py").write_text(CODE)
    world.flyte("deploy", "--version", "v1", "load.py", "env")
    task = TaskIdentifier(org="local", project=PROJECT, domain=DOMAIN, name="load.double", version="v1")
    assert doubled(world, world.run(task, x=1), 1)
    world.close_clients()
    return task


def doubled(world: World, run: RunIdentifier, x: int, seconds: float = 120) -> bool:
    """Return whether the run succeeds with the right output."""
    details = world.wait(run, seconds=seconds)
    assert details.status.phase == SUCCEEDED, f"{run.name}: {details.error_info.message}"
    return outputs(world, run) == {"o0": 2 * x}


def burst(world: World, task: TaskIdentifier, count: int) -> Burst:
    """Starts `count` runs at once and waits for them all, calling the server all the time."""
    watch = _Watch(world)
    begin = time.monotonic()
    with watch, ThreadPoolExecutor(16) as pool:
        runs = list(pool.map(lambda x: world.run(task, x=x), range(count)))
        watch.run = runs[0]
        for run in runs:
            world.wait(run, seconds=30 + 10 * count)
        seconds = time.monotonic() - begin
    assert all(doubled(world, run, x) for x, run in enumerate(runs))
    world.close_clients()
    return Burst(
        runs=count,
        seconds=round(seconds, 1),
        calls=len(watch.taken),
        p50_ms=watch.milliseconds(0.5),
        p99_ms=watch.milliseconds(0.99),
        memory_mb=round(watch.memory / 2**20),
        processes=watch.processes,
    )


def idle(world: World, seconds: float) -> float:
    """The 99th percentile of what callers wait (ms) while nothing runs: what the rest of the machine costs."""
    watch = _Watch(world)
    with watch:
        time.sleep(seconds)
    return watch.milliseconds(0.99)


def sequence(world: World, task: TaskIdentifier, count: int, settle: int) -> tuple[Resources, Resources]:
    """Return the server's figures after the first `settle` runs, and after `count` more, one after another."""
    for x in range(settle):
        assert doubled(world, world.run(task, x=x), x)
        world.close_clients()
    before = Resources.by(world.pid)
    for x in range(count):
        assert doubled(world, world.run(task, x=x), x)
        world.close_clients()
    return before, Resources.by(world.pid)


class _Watch:
    """Calls the server and weighs its processes until it is left."""

    def __init__(self, world: World) -> None:
        self.taken: list[float] = []
        self.memory = 0
        self.processes = 0
        self.run: RunIdentifier | None = None
        self._world = world
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._call), threading.Thread(target=self._weigh)]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def milliseconds(self, share: float) -> float:
        """Return the quantile `share` of the calls' durations."""
        return round(1000 * sorted(self.taken)[int(len(self.taken) * share)], 1)

    def _call(self) -> None:
        client = RunServiceClientSync(f"http://127.0.0.1:{self._world.port}")
        project = ProjectIdentifier(organization="local", name=PROJECT, domain=DOMAIN)
        try:
            while not self._over.wait(_EVERY):
                self._time(lambda: client.list_runs(pb.ListRunsRequest(project_id=project)))
                if self.run is not None:
                    self._time(lambda: client.get_run_details(pb.GetRunDetailsRequest(run_id=self.run)))
        finally:
            client.close()

    def _time(self, call: object) -> None:
        begin = time.perf_counter()
        call()  # type: ignore[operator]
        self.taken.append(time.perf_counter() - begin)

    def _weigh(self) -> None:
        server = psutil.Process(self._world.pid)
        while not self._over.wait(10 * _EVERY):
            processes = [server, *server.children(recursive=True)]
            memory = 0
            for process in processes:
                with contextlib.suppress(psutil.Error):
                    # Shared pages, of which a worker's children have many, count once.
                    memory += process.memory_full_info().pss
            self.memory, self.processes = max(self.memory, memory), max(self.processes, len(processes))
