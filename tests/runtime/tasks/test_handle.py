"""`rt.task` against the real local control plane: real runs of real processes."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import flyte_runtime as rt
import pytest
from aiohttp import web
from flyte_runtime.errors import (
    RunFailed,
    RunNotFound,
    RunTimedOut,
    StartFailed,
    TaskError,
    TaskInputError,
    TaskNotFound,
    WouldBlock,
)
from flyte_runtime.tasks import initialization
from flyte_runtime.testing import wired

from tests.runtime.conftest import JOBS
from tests.runtime.tasks.keyed_starts import Faults

pytestmark = [pytest.mark.xdist_group("runtime-tasks"), pytest.mark.usefixtures("jobs")]


async def test_a_run_from_start_to_result(plane: int) -> None:
    run = await rt.task("double").start(n=4)
    assert run.name
    assert run.url.startswith(f"http://127.0.0.1:{plane}/")
    assert not run.succeeded
    updates = [update async for update in run.watch()]
    assert updates[-1].phase == "succeeded"
    assert updates[-1].done
    assert updates[-1].started_at is not None
    assert len(set(updates)) == len(updates)
    assert run.done
    assert run.succeeded
    assert await run.result() == 8
    assert await run.outputs() == (8,)
    assert (await run.outputs()).named_outputs == {"o0": 8}


async def test_outputs_have_the_order_of_the_function() -> None:
    run = await rt.task("many").run_and_wait()
    outputs = await run.outputs()
    assert outputs == tuple(range(8))
    assert list(outputs.named_outputs) == [f"o{number}" for number in range(8)]
    assert await run.result() == tuple(range(8))


async def test_the_lifespan_makes_ready_what_the_code_declares() -> None:
    rt.task("double")
    with wired({**JOBS, "backend": "http://127.0.0.1:1"}):
        rt.app("backend")
        async with rt.lifespan():
            assert initialization._done_in == os.getpid()
            assert "flyte_runtime.apps.calls" in sys.modules


async def test_results_are_what_the_function_returned() -> None:
    assert await (await rt.task("sleep").start(seconds=0)).result() == ("slept", 1)
    assert await (await rt.task("quiet").start()).result() is None


async def test_without_a_version_the_latest_is_started() -> None:
    run = await rt.task("latest").run_and_wait(n=5)
    assert await run.result() == 10


@pytest.mark.parametrize(
    ("inputs", "problems"),
    [
        ({}, {"n": "is missing (int)"}),
        ({"n": "1"}, {"n": "expected a whole number, not text"}),
        ({"n": 1.5}, {"n": "expected a whole number, not a number"}),
        ({"n": True, "label": 3}, {"label": "expected text, not a whole number"}),
        ({"m": 1}, {"m": "no such input", "n": "is missing"}),
        ({"n": 1, "lable": "x"}, {"lable": "did you mean 'label'?"}),
        ({"n": 1, "items": ["a", 2]}, {"items": "[1]: expected text, not a whole number"}),
        ({"n": None, "items": "abc"}, {"n": "not null", "items": "expected a list, not text"}),
        ({"n": 1, "label": b"x"}, {"label": "a value of type bytes does not fit str"}),
    ],
)
async def test_inputs_that_do_not_fit_are_all_named_and_nothing_is_sent(
    inputs: dict[str, Any], problems: dict[str, str]
) -> None:
    before = len(await rt.task("double").runs(100))
    with pytest.raises(TaskInputError) as caught:
        await rt.task("double").start(**inputs)
    for name, problem in problems.items():
        assert problem in caught.value.problems[name]
    assert "n" in problems or "n" not in caught.value.problems
    assert len(await rt.task("double").runs(100)) == before


async def test_a_message_shows_no_value() -> None:
    with pytest.raises(TaskInputError) as caught:
        await rt.task("double").start(n="pr1vate")
    assert "pr1vate" not in str(caught.value)


async def test_whole_numbers_fit_where_floats_are_wanted() -> None:
    run = await rt.task("sleep").start(seconds=0, times={"a": 1})
    assert (await run.wait(60)).succeeded
    assert (await (await rt.task("double").start(n=1, rate=2)).wait(60)).succeeded


async def test_inputs_named_like_the_sdks_own_parameters() -> None:
    assert await (await rt.task("named").start({"task": "a", "obj": {"x": 1}})).result() == "a {'x': 1}"


async def test_one_key_is_one_run_also_at_once_and_from_several_processes(plane: int) -> None:
    starts = (rt.task("double").start(n=7, idempotency_key="delivery-1") for _ in range(6))
    names = {run.name for run in await asyncio.gather(*starts)}
    assert len(names) == 1
    code = (
        "import asyncio, flyte_runtime as rt\n"
        "print(asyncio.run(rt.task('double').start(n=7, idempotency_key='delivery-1')).name)"
    )
    command = [sys.executable, "-c", code]
    others = await asyncio.gather(*(asyncio.to_thread(subprocess.check_output, command, text=True) for _ in range(2)))
    assert names == {name.strip() for name in others}
    assert sum(run.name in names for run in await rt.task("double").runs(100)) == 1


async def test_another_key_or_other_inputs_are_another_run() -> None:
    start = rt.task("quiet").start
    same, other = await start(idempotency_key="a"), await start(idempotency_key="b")
    assert same.name != other.name
    double = rt.task("double").start
    assert (await double(n=1, idempotency_key="a")).name != (await double(n=2, idempotency_key="a")).name


async def test_a_key_that_is_empty_stands_for_nothing() -> None:
    with pytest.raises(TaskInputError, match="idempotency_key: is empty"):
        await rt.task("quiet").start(idempotency_key="")


async def test_a_run_is_found_by_its_name() -> None:
    started = await rt.task("double").start(n=21)
    run = await rt.task("double").run(started.name)
    assert (run.name, run.url) == (started.name, started.url)
    assert await run.result() == 42
    again = await rt.task("double").run(started.name)
    assert again.succeeded


@pytest.mark.parametrize("name", ["nosuchrun", "No Such Run", "", "x" * 500, "../quiet", "\x00"])
async def test_a_name_that_is_no_run(name: str) -> None:
    with pytest.raises(RunNotFound, match=r"task 'jobs\.double' has no run"):
        await rt.task("double").run(name)


async def test_another_tasks_run_is_not_this_tasks() -> None:
    run = await rt.task("quiet").start()
    with pytest.raises(RunNotFound):
        await rt.task("double").run(run.name)


async def test_a_failure_says_why() -> None:
    run = await rt.task("fail").start(message="no such luck")
    with pytest.raises(RunFailed, match="no such luck") as caught:
        await run.wait(60)
    assert caught.value.phase == "failed"
    assert caught.value.url == run.url
    assert (await run.wait(check=False)).phase == "failed"
    with pytest.raises(RunFailed):
        await run.outputs()


async def test_a_type_that_this_image_does_not_know_is_said() -> None:
    with pytest.raises(TaskError, match=r"jobs\.strange@v1 cannot be started from here: .* no package in this image"):
        await rt.task("strange").start()


async def test_latest_and_runs() -> None:
    assert await rt.task("fail").latest(succeeded=True) is None
    await (await rt.task("fail").start(message="x")).wait(60, check=False)
    latest = await rt.task("fail").latest()
    assert latest is not None
    assert latest.phase == "failed"
    first = await rt.task("quiet").run_and_wait()
    second = await rt.task("quiet").run_and_wait()
    newest = await rt.task("quiet").latest(succeeded=True)
    assert newest is not None
    assert newest.name == second.name
    assert [run.name for run in await rt.task("quiet").runs(2)] == [second.name, first.name]
    assert await newest.result() is None


async def test_outputs_that_are_gone_are_an_error_of_the_task(tmp_path_factory: pytest.TempPathFactory) -> None:
    run = await rt.task("double").run_and_wait(n=3)
    files = [path for path in tmp_path_factory.getbasetemp().rglob("outputs*.pb") if run.name in str(path)]
    assert files
    for path in files:
        path.unlink()
    again = await rt.task("double").run(run.name)
    with pytest.raises(TaskError, match=f"reading the outputs of run {run.name}") as caught:
        await again.outputs()
    assert str(caught.value).count("reading the outputs") == 1


async def test_waiting_ends_in_time_while_the_run_goes_on() -> None:
    run = await rt.task("sleep").start(seconds=600)
    with pytest.raises(RunTimedOut, match="is still"):
        await run.wait(timeout=1)
    await run.abort("enough")
    await run.abort("enough")
    with pytest.raises(RunFailed, match="aborted: enough"):
        await run.wait(60)


async def test_a_control_plane_that_hangs_does_not_hold_up_whoever_has_a_limit() -> None:
    code = """
import asyncio, flyte_runtime as rt
try:
    asyncio.run(rt.task("double").run_and_wait(n=1, timeout=2))
except rt.errors.RunTimedOut as error:
    print(error)
"""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        variables = {**os.environ, "_U_EP_OVERRIDE": f"127.0.0.1:{silent.getsockname()[1]}"}
        command = [sys.executable, "-c", code]
        done = await asyncio.to_thread(
            subprocess.run, command, env=variables, capture_output=True, text=True, timeout=240
        )
    assert "did not answer the start of demo/development/jobs.double@v1 within 2 s" in done.stdout, done.stderr


async def test_a_cancelled_watch_ends_at_once() -> None:
    run = await rt.task("sleep").start(seconds=600)
    watching = asyncio.create_task(run.wait())
    await asyncio.sleep(1)
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(watching, 60)
    await run.abort()


async def test_a_task_that_is_not_there() -> None:
    with pytest.raises(TaskNotFound, match=r"jobs\.absent"):
        await rt.task("absent").start()
    with pytest.raises(TaskNotFound, match="v99"):
        await rt.task("absent_version").start()
    assert await rt.task("absent").latest() is None


async def test_the_event_loop_is_never_blocked() -> None:
    """While a call is under way, no gap in the loop's turns is much longer than one in another thread's.

    On a busy machine both have gaps.
    """
    in_loop: list[float] = []
    in_thread: list[float] = []
    ended = threading.Event()

    async def tick() -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(0.01)
            in_loop.append(time.monotonic() - last)
            last = time.monotonic()

    def tick_in_thread() -> None:
        last = time.monotonic()
        while not ended.wait(0.01):
            in_thread.append(time.monotonic() - last)
            last = time.monotonic()

    thread = threading.Thread(target=tick_in_thread)
    thread.start()
    ticking = asyncio.create_task(tick())
    await rt.task("double").run_and_wait(n=1)
    ticking.cancel()
    ended.set()
    thread.join()
    assert max(in_loop) < 0.5 + 2 * max(in_thread)


def test_without_an_event_loop() -> None:
    run = rt.task("double").sync.start(n=3)
    assert [update.phase for update in run.watch()][-1] == "succeeded"
    assert run.wait().result() == 6
    assert run.outputs()[0] == 6
    assert rt.task("double").sync.run_and_wait(n=1).succeeded
    latest = rt.task("double").sync.latest(succeeded=True)
    assert latest is not None
    assert latest.done
    assert len(rt.task("double").sync.runs(2)) == 2
    same = rt.task("double").sync.run(run.name)
    assert (same.name, same.url, same.phase, same.succeeded) == (run.name, run.url, "succeeded", True)
    assert repr(same) == f"<Run {run.name} succeeded>.sync"
    assert repr(rt.task("double").sync) == "rt.task('double').sync"
    sleeping = rt.task("sleep").sync.start(seconds=60)
    sleeping.abort("enough")
    assert sleeping.wait(check=False).phase == "aborted"


async def test_the_synchronous_face_refuses_to_block_a_loop() -> None:
    with pytest.raises(WouldBlock):
        rt.task("double").sync.start(n=3)


class Scripted(Faults):
    """A proxy before the control plane that answers calls as `answers` says, in turn, and passes on the rest."""

    def __init__(self) -> None:
        super().__init__(seed=0)
        self.answers: dict[str, list[web.Response]] = {}
        self.calls: Counter[str] = Counter()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        call = request.path.rpartition("/")[2]
        self.calls[call] += 1
        scripted = self.answers.get(call)
        return scripted.pop(0) if scripted else await self._pass_on(request, body)


@pytest.fixture
def scripted(plane: int, jobs: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    proxy = Scripted()
    with proxy.before(f"http://127.0.0.1:{plane}") as port:
        monkeypatch.setenv("_U_EP_OVERRIDE", f"127.0.0.1:{port}")
        yield proxy


def refusing(code: str, status: int) -> web.Response:
    """An error in the Connect protocol's form (https://connectrpc.com/docs/protocol#error-end-stream)."""
    return web.json_response({"code": code, "message": f"said {code}"}, status=status)


async def test_a_control_plane_that_is_not_well_is_asked_again(scripted: Scripted) -> None:
    scripted.answers["CreateRun"] = [refusing("internal", 500), refusing("unknown", 500), refusing("aborted", 409)]
    run = await rt.task("double").start(n=1, idempotency_key="in time of trouble")
    assert scripted.calls["CreateRun"] >= 4
    assert await run.result() == 2


async def test_reading_too_outlasts_a_control_plane_that_is_away(scripted: Scripted) -> None:
    reads = ("GetTaskDetails", "GetRunDetails", "ListRuns", "GetActionData")
    for call in reads:
        scripted.answers[call] = [refusing("unavailable", 503), refusing("unavailable", 503)]
    job = rt.task("double")
    started = await job.start(n=1)
    await started.wait()
    assert await started.outputs() == (2,)
    assert (await job.run(started.name)).succeeded
    assert (await job.latest()) is not None
    assert {call: scripted.answers[call] for call in reads} == {call: [] for call in reads}


async def test_a_control_plane_that_is_unwilling_is_not(scripted: Scripted) -> None:
    scripted.answers["CreateRun"] = [refusing("permission_denied", 403)]
    with pytest.raises(StartFailed, match="said permission_denied"):
        await rt.task("double").start(n=1)
    assert scripted.calls["CreateRun"] == 1


async def test_a_run_that_is_there_already_is_the_one_that_was_wanted(scripted: Scripted) -> None:
    """Flyte may also refuse to create what exists: then another delivery, or a lost answer, was first."""
    first = await rt.task("double").start(n=3, idempotency_key="twice")
    scripted.answers["CreateRun"] = [refusing("already_exists", 409)]
    again = await rt.task("double").start(n=3, idempotency_key="twice")
    assert again.name == first.name
    assert await again.result() == 6


async def test_watching_goes_on_after_what_passes_and_ends_with_what_does_not(scripted: Scripted) -> None:
    watch = "WatchActionDetails"
    run = await rt.task("double").start(n=4)
    scripted.answers[watch] = [web.Response(status=503), web.Response(status=502)]
    assert await run.result() == 8
    assert scripted.calls[watch] >= 3
    scripted.answers[watch] = [web.Response(status=403)]
    with pytest.raises(TaskError, match=f"watching run {run.name}"):
        await run.wait()


async def test_a_run_that_cannot_be_read_is_not_one_that_is_not_there(scripted: Scripted) -> None:
    run = await rt.task("double").start(n=5)
    scripted.answers["GetRunDetails"] = [web.Response(status=403)]
    with pytest.raises(TaskError, match="reading run") as caught:
        await rt.task("double").run(run.name)
    assert not isinstance(caught.value, RunNotFound)
    assert (await rt.task("double").run(run.name)).name == run.name


def test_a_run_without_an_event_loop_from_one_with(jobs: None) -> None:
    """A thread may follow a run that a coroutine has started."""
    run = asyncio.run(rt.task("double").start(n=6)).sync
    assert run.result() == 12
