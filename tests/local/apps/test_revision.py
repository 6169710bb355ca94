"""One revision and its supervisor in the test's own event loop: what must not end it, what must not block it."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from flyte_local.apps.events import AppEvents
from flyte_local.apps.host import AppHost
from flyte_local.apps.replica import restart_pause
from flyte_local.apps.revision import Revision
from flyte_local.apps.revision_record import RevisionRecord
from flyte_local.apps.scaling import Meter
from flyte_local.apps.supervisor import Supervisor
from flyte_local.composition import compose
from flyte_local.home import Home
from flyte_local.images.choice import Images
from flyte_local.images.environments import Environment
from flyte_local.memory.watch import MemoryWatch
from flyte_local.state.context import Context
from flyte_local.state.store import Store
from flyte_local.wire.app_key import AppKey
from hypothesis import given
from hypothesis import strategies as st

from .conftest import DOMAIN, PLAIN, PROGRAMS, PROJECT, declaration

KEY = AppKey(PROJECT, DOMAIN, "app")


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    home = Home(tmp_path / "home")
    home.prepare()
    store = Store(home.database)
    yield Context(home, 1, store)
    store.close()


@pytest.fixture
async def supervisor(context: Context) -> AsyncIterator[Supervisor]:
    made = compose(context).supervisor
    await made.start()
    yield made
    await made.stop()


@given(st.integers(min_value=0, max_value=10**9), st.booleans())
def test_the_pause_grows_to_its_bound_however_often_an_app_ends(crashes: int, was_healthy: bool) -> None:
    pause = restart_pause(crashes, was_healthy)
    assert 0 < pause <= restart_pause(crashes + 1, was_healthy) <= 60


@pytest.mark.parametrize(("crashes", "pause"), [(0, 1), (1, 1), (2, 2), (3, 4), (7, 60), (1025, 60), (10**6, 60)])
def test_known_pauses(crashes: int, pause: float) -> None:
    assert restart_pause(crashes, was_healthy=False) == pause


async def test_an_unforeseen_error_is_a_failure_and_the_revision_is_tried_again(context: Context) -> None:
    failures: asyncio.Queue[str] = asyncio.Queue()
    parts = compose(context)
    revision = Revision(
        AppHost(context, AppEvents(context.store), _BrokenImages(context.home), MemoryWatch(), parts.vault),
        KEY,
        RevisionRecord(1, declaration("app", PLAIN).spec, sys.executable),
        lambda changed: failures.put_nowait(changed.problem) if changed.problem else None,
        Meter(),
    )
    revision.run()
    for _ in range(2):
        problem = await asyncio.wait_for(failures.get(), 60)
        assert problem == "flyte-local failed (ZeroDivisionError): see its server.log"
    await revision.stop()


async def test_deleting_an_app_and_naming_who_has_its_port_do_not_block_the_server(
    supervisor: Supervisor, context: Context, looked: list[tuple[str, bool]]
) -> None:
    with _listening() as port:
        fixed = ["python", "-c", f"print('Address already in use {port}'); raise SystemExit(1)"]
        app = await supervisor.deploy(KEY, declaration("app", fixed, port=port), sys.executable)
        while app.status().phase != "failed":
            await app.change(10)
        assert f"its declared port {port} is taken by pid {os.getpid()}" in app.status().message
    await supervisor.remove(KEY)
    assert not context.home.app(PROJECT, DOMAIN, "app").exists()
    assert {"shutil.rmtree", "os.listdir"} <= {event for event, _ in looked}
    assert [event for event, on_the_loop in looked if on_the_loop] == []


async def test_an_app_declared_while_its_namesake_is_deleted_keeps_its_folder(
    supervisor: Supervisor, context: Context
) -> None:
    leaver = declaration("app", ["python", str(PROGRAMS / "plain.py"), "8080"], {"BEHAVIOUR": "late"})
    await supervisor.deploy(KEY, leaver, sys.executable)
    removal = asyncio.create_task(supervisor.remove(KEY))
    await asyncio.sleep(0)
    new = await supervisor.deploy(KEY, declaration("app", PLAIN), sys.executable)
    assert removal.done()
    assert supervisor.find(KEY) is new
    while new.status().phase != "active":
        await new.change(10)
    assert (context.home.app(PROJECT, DOMAIN, "app") / "logs" / "1.log").exists()


async def test_two_deletions_at_once_spare_the_app_that_is_declared_next(supervisor: Supervisor) -> None:
    await supervisor.deploy(KEY, declaration("app", PLAIN), sys.executable)
    first, second = (asyncio.create_task(supervisor.remove(KEY)) for _ in range(2))
    await asyncio.sleep(0)
    new = await supervisor.deploy(KEY, declaration("app", PLAIN), sys.executable)
    assert [await first, await second] == [True, False]
    assert supervisor.find(KEY) is new


async def test_an_app_that_is_stopped_while_it_is_deleted_does_not_come_back(
    supervisor: Supervisor, context: Context
) -> None:
    await supervisor.deploy(KEY, declaration("app", PLAIN), sys.executable)
    removal = asyncio.create_task(supervisor.remove(KEY))
    halt = asyncio.create_task(supervisor.halt(KEY))
    await asyncio.gather(removal, halt, return_exceptions=True)
    assert context.store.list("app") == []


@pytest.fixture
def looked() -> Iterator[list[tuple[str, bool]]]:
    """Every removal of a tree and every look at all processes, and whether it happened in the event loop's thread."""
    recorded: list[tuple[str, bool]] = []
    _recorders.append(recorded)
    yield recorded
    _recorders.remove(recorded)


_recorders: list[list[tuple[str, bool]]] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _recorders and (event == "shutil.rmtree" or (event == "os.listdir" and str(arguments[0]) in _ALL_PROCESSES)):
        _recorders[-1].append((event, threading.current_thread() is threading.main_thread()))


_ALL_PROCESSES = ("/proc", str(b"/proc"))
sys.addaudithook(_audit)


class _BrokenImages(Images):
    async def prepare(self, image: str, python: str) -> Environment:
        raise ZeroDivisionError("a bug")


class _listening:
    """A port on which this process listens."""

    def __enter__(self) -> int:
        import socket

        self._socket = socket.create_server(("127.0.0.1", 0))
        return int(self._socket.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._socket.close()
