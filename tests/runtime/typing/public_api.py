"""The types of the public API. mypy reads this module; it never runs (test_typing.py).

A line with `# type: ignore[…]` must be an error: mypy in strict mode complains of an ignore that nothing needs.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import flyte_runtime as rt
import httpx
from flyte_runtime.apps.policy import Policy
from flyte_runtime.apps.sync import SyncApp
from flyte_runtime.contract import AppInput, TaskInput, Wiring
from flyte_runtime.tasks.handle import SyncTask
from flyte_runtime.tasks.run import SyncRun
from flyte_runtime.tasks.updates import RunUpdate
from flyte_runtime.testing import FakeRun, FakeTask
from typing_extensions import assert_type


async def apps() -> None:
    backend = rt.app("backend")
    assert_type(backend, rt.AppHandle)
    assert_type(backend.url, str)
    assert_type(backend.public_url, str)
    assert_type(backend.input, AppInput)
    assert_type(backend.policy, Policy)
    assert_type(await backend.get("/x", params={"q": 1}, timeout=2), httpx.Response)
    assert_type(await backend.post("/x", json={}, idempotency_key="d", retries=0), httpx.Response)
    assert_type(await backend.request("PURGE", "/x", timeout=httpx.Timeout(5)), httpx.Response)
    for call in (backend.put, backend.patch, backend.delete, backend.head, backend.options):
        assert_type(await call("/x", headers={"a": "b"}, content=b""), httpx.Response)
    async with backend.stream("GET", "/events") as response:
        assert_type(response, httpx.Response)

    rt.app()  # type: ignore[call-arg]
    rt.app(3)  # type: ignore[arg-type]
    await backend.get("/x", timeout="2")  # type: ignore[arg-type]
    await backend.get("/x", retrys=2)  # type: ignore[call-arg]
    await backend.get("/x", follow_redirects=True)  # type: ignore[call-arg]
    await backend.post("/x", idempotency_key=1)  # type: ignore[arg-type]
    backend.url = "http://elsewhere"  # type: ignore[misc]


def apps_without_a_loop() -> None:
    backend = rt.app("backend").sync
    assert_type(backend, SyncApp)
    assert_type(backend.get("/x"), httpx.Response)
    with backend.stream("GET", "/x", timeout=None) as response:
        assert_type(response, httpx.Response)
    backend.get("/x", retries="2")  # type: ignore[arg-type]


async def tasks() -> None:
    train = rt.task("train")
    assert_type(train, rt.TaskHandle)
    assert_type(train.input, TaskInput)
    run = await train.start(epochs=3, idempotency_key="d")
    assert_type(run, rt.Run)
    assert_type(await train.start({"labels": 1}, labels={"a": "b"}, env={"A": "b"}), rt.Run)
    assert_type(await train.run_and_wait(epochs=3, timeout=5), rt.Run)
    assert_type(await train.run("r1"), rt.Run)
    assert_type(await train.latest(succeeded=True), rt.Run | None)
    assert_type(await train.runs(5), list[rt.Run])
    assert_type((run.name, run.url, run.phase, run.done, run.succeeded), tuple[str, str, str, bool, bool])
    assert_type(await run.wait(timeout=3, check=False), rt.Run)
    assert_type(run.watch(), AsyncIterator[RunUpdate])
    async for update in run.watch():
        assert_type(update, RunUpdate)
        assert_type((update.phase, update.done), tuple[str, bool])
    assert_type(await run.outputs(), rt.Outputs)
    assert_type((await run.outputs()).named_outputs, Mapping[str, Any])
    assert_type(await run.result(), Any)
    await run.abort("enough")

    await train.start(epochs=3, idempotency_key=4)  # type: ignore[arg-type]
    await train.start([1])  # type: ignore[arg-type]
    await run.wait(check=1.5)  # type: ignore[arg-type]
    run.name = "x"  # type: ignore[misc]


def tasks_without_a_loop() -> None:
    train = rt.task("train").sync
    assert_type(train, SyncTask)
    run = train.start(epochs=1)
    assert_type(run, SyncRun)
    assert_type(run.wait(timeout=1), SyncRun)
    assert_type(run.watch(), Iterator[RunUpdate])
    assert_type(train.run("r1"), SyncRun)
    assert_type(train.latest(), SyncRun | None)


async def the_rest(application: Any) -> None:
    key: str = rt.secret("webhook-api-key")
    assert_type(rt.serve("backend:app", port=8080), None)
    rt.serve(application, log_level=key)
    async with rt.lifespan(application) as nothing:
        assert_type(nothing, None)
    await rt.aclose()
    rt.serve(application, port="8080")  # type: ignore[arg-type]
    rt.applicaton("x")  # type: ignore[attr-defined]


def testing(application: Any) -> None:
    fake = FakeTask(lambda epochs: epochs, hold=True)
    with rt.testing.wired({"a": "http://a", "b": fake, "c": application}, secrets={"k": "v"}) as wiring:
        assert_type(wiring, Wiring)
    assert_type(fake.runs, list[FakeRun])
    assert_type(fake.runs[0].inputs, dict[str, Any])
    rt.testing.set_testing(True)
    rt.testing.wired({"a": 1})  # type: ignore[dict-item]
