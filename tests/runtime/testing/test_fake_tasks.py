"""`testing.FakeTask` behind the real handle, with the real checks of inputs and the real waiting for runs."""

from __future__ import annotations

import asyncio
import copy
import pickle
import threading
from collections.abc import Iterator

import flyte
import flyte_runtime as rt
import pytest
from flyte_runtime.errors import RunFailed, RunNotFound, RunTimedOut, TaskError, TaskInputError
from flyte_runtime.tasks import handle
from flyte_runtime.testing import FakeTask, wired

env = flyte.TaskEnvironment("fakes")


@env.task
async def train(epochs: int, rate: float = 0.1, labels: list[str] = []) -> float:  # noqa: B006
    return epochs * rate


@pytest.fixture
def fake() -> Iterator[FakeTask]:
    """A fake task whose runs go on until the test ends them."""
    with wired({"train": FakeTask(hold=True)}):
        yield _fake()


def _fake() -> FakeTask:
    return next(iter(handle._overrides.values()))._fake  # type: ignore[attr-defined]


async def test_runs_are_recorded_with_what_they_were_started_with() -> None:
    doubling = FakeTask(lambda epochs: 2 * epochs)
    with wired({"train": doubling}):
        run = await rt.task("train").start(epochs=3, labels={"team": "a"}, env={"MODE": "fast"})
        assert (run.phase, run.done) == ("queued", False)
        assert [update.phase async for update in run.watch()] == ["queued", "running", "succeeded"]
        assert await run.result() == 6
        assert run.url.endswith(f"/test/development/runs/{run.name}")
        assert await (await rt.task("train").run(run.name)).outputs() == (6,)
    (recorded,) = doubling.runs
    assert (recorded.inputs, recorded.labels, recorded.env) == ({"epochs": 3}, {"team": "a"}, {"MODE": "fast"})


async def test_results() -> None:
    async def later(n: int) -> tuple[int, str]:
        await asyncio.sleep(0)
        return n, "x"

    with wired({"plain": FakeTask(7), "nothing": FakeTask(), "later": FakeTask(later)}):
        assert await (await rt.task("plain").start(anything=1)).result() == 7
        assert await (await rt.task("nothing").start()).result() is None
        assert await (await rt.task("later").start(n=1)).result() == (1, "x")


async def test_outputs_have_names() -> None:
    with wired({"later": FakeTask((1, "x")), "count": FakeTask(rt.Outputs({"rows": 3}))}):
        pair = await (await rt.task("later").start()).outputs()
        rows = await (await rt.task("count").start()).outputs()
    assert pair.named_outputs == {"o0": 1, "o1": "x"}
    assert (rows, rows.named_outputs, repr(rows)) == ((3,), {"rows": 3}, "Outputs(rows=3)")
    assert pickle.loads(pickle.dumps(rows)).named_outputs == copy.copy(rows).named_outputs == {"rows": 3}


async def test_an_error_of_the_function_is_the_runs() -> None:
    def broken() -> None:
        raise KeyError("no such column")

    with wired({"train": FakeTask(broken)}):
        run = await rt.task("train").start()
        with pytest.raises(RunFailed, match="KeyError: 'no such column'"):
            await run.wait()
        assert await rt.task("train").latest(succeeded=True) is None
        assert await rt.task("train").latest() is run


async def test_one_key_is_one_run_and_another_is_another() -> None:
    fake = FakeTask()
    with wired({"train": fake}):
        start = rt.task("train").start
        names = {run.name for run in await asyncio.gather(*(start(n=1, idempotency_key="d-1") for _ in range(5)))}
        other = await start(n=1, idempotency_key="d-2")
        with pytest.raises(TaskInputError, match="is empty"):
            await start(n=1, idempotency_key="")
    assert [run.name for run in fake.runs] == [*names, other.name]


async def test_a_flyte_tasks_interface_is_really_checked() -> None:
    fake = FakeTask(task=train, result=0.3)
    with wired({"train": fake}):
        with pytest.raises(TaskInputError) as caught:
            await rt.task("train").start({"epoch": 1, "rate": "fast", "labels": [1]})
        assert set(caught.value.problems) == {"epoch", "epochs", "rate", "labels"}
        assert "did you mean 'epochs'?" in caught.value.problems["epoch"]
        assert not fake.runs
        await rt.task("train").start(epochs=1, rate=2)
    assert fake.runs[0].inputs == {"epochs": 1, "rate": 2.0}


async def test_a_functions_parameters_are_checked_by_name() -> None:
    with wired({"train": FakeTask(lambda epochs, rate=0.1: None), "any": FakeTask(lambda **inputs: len(inputs))}):
        with pytest.raises(TaskInputError, match="'epochs'") as caught:
            await rt.task("train").start(epoch=1)
        assert set(caught.value.problems) == {"epoch", "epochs"}
        assert await (await rt.task("any").start(a=1, b=2)).result() == 2


async def test_held_runs_end_when_the_test_says_so(fake: FakeTask) -> None:
    run = await rt.task("train").start(n=1)
    with pytest.raises(RunTimedOut, match="is still running"):
        await run.wait(timeout=0.05)
    waiting = [asyncio.create_task(run.result()) for _ in range(3)]
    await asyncio.sleep(0)
    fake.runs[0].succeed("model.bin")
    assert await asyncio.gather(*waiting) == ["model.bin"] * 3
    with pytest.raises(TaskError, match="has succeeded already"):
        fake.runs[0].fail("too late")


async def test_a_limit_is_for_starting_and_waiting_together(fake: FakeTask) -> None:
    with pytest.raises(RunTimedOut, match="is still running"):
        await rt.task("train").run_and_wait(timeout=0.2)
    assert len(fake.runs) == 1


async def test_held_runs_fail_and_are_aborted(fake: FakeTask) -> None:
    one, two = await rt.task("train").start(), await rt.task("train").start()
    fake.runs[0].fail("out of memory")
    with pytest.raises(RunFailed, match="failed: out of memory"):
        await one.wait()
    await two.abort("enough")
    await two.abort("again")
    assert fake.runs[1].abort_reason == "enough"
    with pytest.raises(RunFailed, match="aborted: enough"):
        await two.wait()


def test_without_an_event_loop(fake: FakeTask) -> None:
    run = rt.task("train").sync.start(n=1)
    threading.Timer(0.05, lambda: fake.runs[0].succeed(5)).start()
    assert run.wait(timeout=30).result() == 5
    assert rt.task("train").sync.run(run.name).succeeded


async def test_a_run_that_is_not_there(fake: FakeTask) -> None:
    with pytest.raises(RunNotFound, match="task 'train' has no run 'x' in test/development"):
        await rt.task("train").run("x")
    assert await rt.task("train").latest() is None


async def test_afterwards_the_real_one_is_back() -> None:
    with wired({"train": FakeTask()}):
        await rt.task("train").start()
    assert not handle._overrides
