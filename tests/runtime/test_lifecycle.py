"""`rt.lifespan` and the testing aids."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import Any

import flyte_runtime as rt
import pytest
from flyte_runtime import tasks
from flyte_runtime.apps import pools
from flyte_runtime.contract import WIRING_VARIABLE, Identity, ValueInput
from flyte_runtime.errors import NotConfigured, NotWired, WrongKind
from flyte_runtime.event_loop import pacing
from flyte_runtime.testing import FakeTask, set_testing, wired


async def test_the_lifespan_closes_the_connections_of_its_loop() -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with rt.lifespan(None):
        await pools.transport_for("http://a")
        assert asyncio.get_running_loop() in pools._pools
    assert asyncio.get_running_loop() not in pools._pools
    await rt.aclose()
    with wired({"a": application}):
        assert (await rt.app("a").get("/")).status_code == 204


async def test_the_lifespan_refuses_to_start_what_is_not_wired() -> None:
    rt.app("one"), rt.task("two")
    with pytest.raises(NotWired, match="2 handles are not wired") as caught:
        async with rt.lifespan(None):
            pass
    assert "ONE" in str(caught.value)
    assert "TWO" in str(caught.value)


async def test_the_lifespan_refuses_another_kind() -> None:
    rt.app("one")
    with wired({"one": "p/d/n"}), pytest.raises(WrongKind):
        async with rt.lifespan(None):
            pass


async def test_a_tests_wiring_need_not_have_what_other_code_of_the_process_declares() -> None:
    rt.app("one"), rt.app("of_another_app")
    with wired({"one": "http://x"}):
        async with rt.lifespan(None):
            pass
    with pytest.raises(NotWired):
        async with rt.lifespan(None):
            pass


async def test_the_lifespan_without_handles_needs_nothing() -> None:
    async with rt.lifespan(None):
        pass


def test_another_library_than_asyncio_is_one_clear_error() -> None:
    """Without an event loop of asyncio, `send` runs a coroutine as trio and other libraries do."""
    with wired({"a": "http://127.0.0.1:9", "train": FakeTask(1)}):
        for coroutine in (rt.app("a").get("/"), rt.task("train").run_and_wait(), rt.lifespan(None).__aenter__()):
            with pytest.raises(rt.FlyteRuntimeError, match="works with asyncio, and not with trio"):
                coroutine.send(None)


INIT = "import flyte_runtime as rt\ntry: rt.init()\nexcept rt.errors.NotConfigured as error: print(error)"


def run(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    variables = {**measured, "PATH": os.environ["PATH"], **variables}
    return subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True)


def test_without_variables_initialising_flyte_says_which_are_missing() -> None:
    output = run(INIT).stdout
    for name in ("_U_EP_OVERRIDE", "FLYTE_INTERNAL_EXECUTION_PROJECT", "FLYTE_INTERNAL_EXECUTION_DOMAIN"):
        assert name in output
    assert "FLYTE_INTERNAL_EXECUTION_DOMAIN" not in run(INIT, FLYTE_INTERNAL_EXECUTION_DOMAIN="d").stdout


def test_without_flytes_sdk_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['flyte'] = None\n" + INIT
    assert "pip install 'flyte-runtime[flyte]'" in run(code).stdout


def test_flyte_is_initialised_once_from_many_threads_and_loops() -> None:
    code = """
import asyncio, threading, flyte, flyte._initialize as i
import flyte_runtime as rt
from flyte_runtime.tasks import initialization
seen, real = [], flyte.init_in_cluster
flyte.init_in_cluster = lambda: (seen.append(1), real())
def one(): rt.init()
def other(): asyncio.run(initialization.ensure())
threads = [threading.Thread(target=f) for f in (one, other) * 8]
[t.start() for t in threads]; [t.join() for t in threads]
config = i.get_init_config()
print(len(seen), config.project, config.domain, config.org, config.client is not None)
"""
    done = run(
        code,
        _U_EP_OVERRIDE="127.0.0.1:1",
        _U_INSECURE="true",
        _U_ORG_NAME="local",
        FLYTE_INTERNAL_EXECUTION_PROJECT="shop",
        FLYTE_INTERNAL_EXECUTION_DOMAIN="development",
    )
    assert done.stdout.split() == ["1", "shop", "development", "local", "True"], done.stderr


async def test_a_task_without_a_control_plane_is_one_clear_error() -> None:
    with wired({"train": "p/d/ml.train@v1"}), pytest.raises(NotConfigured, match="_U_EP_OVERRIDE"):
        await rt.task("train").start()


def test_wired_puts_everything_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKEND", "before")
    with wired({"backend": "http://b", "mode": "fast"}, secrets={"a-key": "v"}) as document:
        assert os.environ["BACKEND"] == "http://b"
        assert os.environ["MODE"] == "fast"
        assert os.environ["A_KEY"] == "v"
        assert document.inputs["mode"] == ValueInput()
        assert "v" not in document.to_json().split('"a-key"')[1].split('"')[2:]
    assert os.environ["BACKEND"] == "before"
    assert not {WIRING_VARIABLE, "MODE", "A_KEY"} & os.environ.keys()


async def test_a_block_within_a_block_gives_back_what_was_wired_before() -> None:
    def saying(text: str) -> Any:
        async def application(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": text.encode()})

        return application

    async def both() -> tuple[str, Any]:
        run = await rt.task("train").run_and_wait()
        return (await rt.app("backend").get("/")).text, await run.result()

    with wired({"backend": saying("outer"), "train": FakeTask(1)}):
        with wired({"backend": saying("inner"), "train": FakeTask(2)}):
            assert await both() == ("inner", 2)
        assert await both() == ("outer", 1)


def test_of_two_blocks_that_overlap_nothing_stays() -> None:
    one, other = wired({"url": "http://one", "train": FakeTask(1)}), wired({"url": "http://other"})
    before = dict(os.environ)
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    assert rt.app("url").url == "http://other"
    other.__exit__(None, None, None)
    assert dict(os.environ) == before
    assert not tasks.handle._overrides


def test_closing_what_nothing_opened_loads_no_client() -> None:
    code = "import asyncio, sys, flyte_runtime as rt\nasyncio.run(rt.aclose())\nprint('httpx' in sys.modules)"
    assert run(code).stdout == "False\n"


def test_wired_as_somebody_else() -> None:
    who = Identity(kind="task", project="p", domain="d", name="ml.train")
    with wired({}, identity=who) as document:
        assert document.identity == who


async def test_set_testing_takes_the_pauses_out() -> None:
    set_testing()
    try:
        async with pacing.deadline(1):
            await pacing.sleep(60)
    finally:
        set_testing(False)
