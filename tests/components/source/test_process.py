"""Sources are read by a process of their own; what is wrong with one is said in a sentence of the user's terms."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil
import pytest
from pulumi_flyte.errors import SourceError
from pulumi_flyte.source import process
from pulumi_flyte.source.description import AsgiDescription

from tests.components.source.loaded import load

ASGI = "async def app(scope, receive, send): ...\n"


def refusal(folder: Path, text: str = "app.py:app") -> str:
    with pytest.raises(SourceError) as caught:
        load(folder, text)
    assert "Traceback" not in str(caught.value)
    return str(caught.value)


def test_the_users_code_sees_placeholders_and_nothing_of_pulumis(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "hunter2")
    process.stop(sys.executable)
    check = "assert os.environ['BACKEND'] == 'placeholder' and 'PULUMI_CONFIG_PASSPHRASE' not in os.environ\n"
    (folder / "app.py").write_text("import os\n" + check + ASGI)
    assert isinstance(load(folder, env={"BACKEND": "placeholder"}).description, AsgiDescription)


def test_a_source_sees_only_what_its_container_will_have(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE", "mine:1")
    process.stop(sys.executable)
    (folder / "app.py").write_text("import os\nIMAGE = os.environ['IMAGE']\n" + ASGI)
    assert "KeyError: 'IMAGE'" in refusal(folder)
    assert isinstance(load(folder, env={"IMAGE": "declared:1"}).description, AsgiDescription)


@pytest.mark.parametrize(
    ("content", "attribute", "expected"),
    [
        ("def f(:\n", "app", "app.py:1: syntax error"),
        ("import nowhere_to_be_found\n", "app", "no module 'nowhere_to_be_found'"),
        ("1/0\n", "app", "app.py:1: importing it raised ZeroDivisionError"),
        ("raise TimeoutError\n", "app", "importing it raised TimeoutError, in "),
        ("class E(Exception):\n    def __str__(self): return self.x\nraise E\n", "app", "importing it raised E"),
        ("raise SystemExit(3)\n", "app", "sys.exit(3)"),
        ("import os; os._exit(4)\n", "app", "ended without an answer"),
        (ASGI, "ap", "did you mean 'app'?"),
        ("app = 3\n", "app", "is of type int: a source is an ASGI application"),
        ("import flyte\nenv = flyte.TaskEnvironment(name='e')\n", "env", "is a TaskEnvironment"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(folder: Path, content: str, attribute: str, expected: str) -> None:
    (folder / "app.py").write_text(content)
    assert expected in refusal(folder, f"app.py:{attribute}")


def test_a_source_that_never_ends_is_stopped(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "ready.py").write_text(ASGI)
    load(folder, "ready.py:app")  # the limit is not for the start of the reader
    monkeypatch.setattr(process, "TIME_LIMIT", 3.0)
    (folder / "app.py").write_text("import os\nopen('pid', 'w').write(str(os.getpid()))\nwhile True: pass\n")
    assert "took longer than" in refusal(folder)
    child = int((folder / "pid").read_text())
    assert has_ended(child)


def has_ended(pid: int, within: float = 60) -> bool:
    """The kernel ends a killed process when it has time for it. Nobody may be there to reap it."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


def test_an_interpreter_that_is_none_is_named(folder: Path) -> None:
    (folder / "app.py").write_text(ASGI)
    with pytest.raises(SourceError, match="cannot be started"):
        load(folder, python="/nowhere/python")
