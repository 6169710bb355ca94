"""Warm workers themselves: when one may be used, how it starts, ends, and gives up."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from flyte_local.processes.process import ProcessRecord
from flyte_local.warm.eligibility import interpreter_of, is_read_at_start, script_of
from flyte_local.warm.flyte_internals import ENTRY, LATE
from flyte_local.warm.link import WarmLink, WorkerError

INSTANCE = "0123456789abcdef"
ENVIRONMENT = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": os.environ.get("HOME", "/")}
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm workers are for Linux")


def planned() -> ProcessRecord:
    return ProcessRecord.planned("task", INSTANCE)


@asynccontextmanager
async def worker(python: str = sys.executable, idle: float = 60.0) -> AsyncIterator[WarmLink]:
    token = ProcessRecord.planned("warm", INSTANCE).token
    link = await WarmLink.launch(python, ENVIRONMENT, token, idle)
    try:
        yield link
    finally:
        await link.end()


def task(folder: Path, code: str) -> dict[str, Any]:
    """A script in the place of `a0`."""
    script = folder / "script"
    script.write_text(code)
    return {"argv": [str(script), "x"], "environment": {"A": "b"}, "folder": str(folder), "log": str(folder / "log")}


@pytest.mark.parametrize(
    ("lines", "python"),
    [
        ("#!/venv/bin/python\nimport sys\n", "/venv/bin/python"),
        ("#!/venv/bin/python3.11\n", "/venv/bin/python3.11"),
        ("#!/a folder/bin/python3\n", None),
        ("#!/bin/sh\n'''exec' \"/a long folder/bin/python\" \"$0\" \"$@\"\n' '''\n", "/a long folder/bin/python"),
        ("#!/bin/sh\n'''exec' /long/bin/python \"$0\" \"$@\"\n' '''\n", "/long/bin/python"),
        ("#!/usr/bin/env python\n", None),
        ("#!/bin/sh\nexec python -m flyte\n", None),
        ("\x7fELF", None),
        ("", None),
    ],
)
def test_the_interpreter_of_a_script(tmp_path: Path, lines: str, python: str | None) -> None:
    (tmp_path / "a0").write_text(lines)
    assert interpreter_of(tmp_path / "a0") == python


def test_only_a0_starts_warm(tmp_path: Path) -> None:
    for name in ("a0", "other"):
        (tmp_path / name).touch(0o700)
    assert script_of("a0", f"/nowhere:{tmp_path}") == tmp_path / "a0"
    assert script_of("other", str(tmp_path)) is None
    assert script_of("a0", "/nowhere") is None


# Prints the names of the variables that are asked for by name while a worker imports.
RECORDER = """
import importlib, json, os, sys
names = set()
kind = type(os.environ)
get = kind.__getitem__
def recorded(self, name):
    names.add(name)
    return get(self, name)
kind.__getitem__ = recorded
for module in json.loads(sys.argv[1]):
    importlib.import_module(module)
print(json.dumps(sorted(names)))
"""
# Read while flyte's logging is set up, which a child does again (flyte/_logging.py), and of no effect on a task.
HARMLESS = {"LOG_LEVEL", "USER_LOG_LEVEL", "LOG_FORMAT", "FLYTE_RESET_ROOT_LOGGER", "DISABLE_RICH_LOGGING", "PATH"}


def test_a_variable_that_the_imports_read_keeps_a_task_from_starting_warm() -> None:
    command = [sys.executable, "-c", RECORDER, json.dumps([ENTRY, *LATE])]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    names = set(json.loads(done.stdout)) - HARMLESS
    assert names
    assert [name for name in sorted(names) if not is_read_at_start(name)] == []


async def test_a_child_runs_the_script_with_nothing_of_the_workers_environment(tmp_path: Path) -> None:
    code = "import os, sys; print(dict(os.environ), sys.argv[1:], os.getcwd(), __name__); sys.exit(7)"
    async with worker() as link:
        process = await link.start(planned(), task(tmp_path, code))
        assert await asyncio.wait_for(process.wait(), 60) == 7
        assert not process.alive
    assert (tmp_path / "log").read_text() == f"{{'A': 'b'}} ['x'] {tmp_path} __main__\n"


@pytest.mark.parametrize(
    ("code", "exit_code", "printed"),
    [
        ("import sys; sys.exit('too bad')", 1, "too bad"),
        ("raise ValueError('no')", 1, "ValueError: no"),
        ("import os; os.abort()", -6, ""),
        ("import atexit, threading, time; atexit.register(print, 'at exit', flush=True)\n"
         "threading.Thread(target=lambda: (time.sleep(0.3), print('thread'))).start()", 0, "thread\nat exit"),
    ],
)  # fmt: skip
async def test_a_child_ends_as_an_interpreter_does(tmp_path: Path, code: str, exit_code: int, printed: str) -> None:
    async with worker() as link:
        process = await link.start(planned(), task(tmp_path, code))
        assert await asyncio.wait_for(process.wait(), 60) == exit_code
    assert printed in (tmp_path / "log").read_text()


async def test_many_children_at_once_and_each_code_is_its_own(tmp_path: Path) -> None:
    async with worker() as link:
        folders = [tmp_path / str(n) for n in range(20)]
        for folder in folders:
            folder.mkdir()
        code = "import os, sys, time; time.sleep(0.1); sys.exit(int(os.path.basename(os.getcwd())))"
        started = await asyncio.gather(*(link.start(planned(), task(f, code)) for f in folders))
        codes = await asyncio.gather(*(asyncio.wait_for(process.wait(), 60) for process in started))
    assert codes == list(range(20))


async def test_a_start_that_is_given_up_has_run_nothing(tmp_path: Path) -> None:
    async with worker() as link:
        link._process.send_signal(19)  # SIGSTOP: it answers late
        waiting = asyncio.create_task(link.start(planned(), task(tmp_path, "print('ran')")))
        await asyncio.sleep(0.2)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        link._process.send_signal(18)
        process = await link.start(planned(), task(tmp_path, "print('second')"))
        assert await asyncio.wait_for(process.wait(), 60) == 0
    assert (tmp_path / "log").read_text() == "second\n"


async def test_a_worker_ends_when_idle_but_not_while_it_has_a_child(tmp_path: Path) -> None:
    async with worker(idle=2.0) as link:
        process = await link.start(planned(), task(tmp_path, "import time; time.sleep(3.5)"))
        assert await asyncio.wait_for(process.wait(), 60) == 0
        await asyncio.wait_for(link._process.wait(), 60)
        while link.open:  # noqa: ASYNC110 (until the event loop has read the end of the connection)
            await asyncio.sleep(0.01)
        with pytest.raises((WorkerError, OSError)):
            await link.start(planned(), task(tmp_path, "print('ran')"))


async def test_a_killed_workers_child_goes_on_and_its_code_is_unknown(tmp_path: Path) -> None:
    async with worker() as link:
        code = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.02)\nprint('done')"
        process = await link.start(planned(), task(tmp_path, code))
        link._process.kill()
        await link._process.wait()
        (tmp_path / "go").touch()
        assert await asyncio.wait_for(process.wait(), 60) is None
        assert not process.alive
    assert (tmp_path / "log").read_text() == "done\n"


async def test_a_worker_is_out_of_date_once_a_package_is_installed(tmp_path: Path) -> None:
    site = _environment(tmp_path)
    async with worker(str(tmp_path / "venv/bin/python")) as link:
        assert link.fresh
        (site / "new-1.0.dist-info").mkdir()
        assert not link.fresh


async def test_an_interpreter_without_flyte_has_no_worker(tmp_path: Path) -> None:
    site = _environment(tmp_path)
    (site / "outer.pth").unlink()
    with pytest.raises(WorkerError, match="ModuleNotFoundError"):
        async with worker(str(tmp_path / "venv/bin/python")):
            pass


async def test_a_token_of_another_length_runs_nothing(tmp_path: Path) -> None:
    async with worker() as link:
        with pytest.raises(WorkerError, match="ended before the task began"):
            await link.start(ProcessRecord("short"), task(tmp_path, "print('ran')"))
    assert not (tmp_path / "log").exists()


def _environment(folder: Path) -> Path:
    """A virtual environment that sees what this one has installed; its site-packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True)
    (site,) = (folder / "venv/lib").glob("python*/site-packages")
    ours = next(entry for entry in sys.path if entry.endswith("site-packages"))
    (site / "outer.pth").write_text(ours + "\n")
    assert shutil.which("python", path=str(folder / "venv/bin"))
    return site
