"""Older spellings of Flyte's SDK: opt-in, with a warning, and gone again. tests/local/patterns runs them for real."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from flyte.remote import Run
from flyte_runtime import compat
from flyte_runtime.compat import FlyteCompatWarning
from flyte_runtime.contract import COMPAT_VARIABLE
from flyteidl2.common.phase_pb2 import ACTION_PHASE_RUNNING
from flyteidl2.workflow import run_definition_pb2


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    compat.uninstall()


def a_run() -> Run:
    pb2 = run_definition_pb2.Run()
    pb2.action.id.run.name = "r123"
    pb2.action.status.phase = ACTION_PHASE_RUNNING
    return Run(pb2)


def test_the_sdk_has_none_of_them_by_itself() -> None:
    """Once a newer SDK has one, it leaves this list and the table in docs/older-spellings.md."""
    assert not any(hasattr(Run, name) for name in ("id", "status", "stream"))


def test_a_run_has_its_older_attributes_and_says_what_they_are_called_now() -> None:
    compat.install()
    with pytest.warns(FlyteCompatWarning, match=r"run\.id is an older spelling of run\.name"):
        assert a_run().id == "r123"  # type: ignore[attr-defined]
    with pytest.warns(FlyteCompatWarning, match=r"run\.phase") as caught:
        assert a_run().status == "running"  # type: ignore[attr-defined]
    assert caught[0].filename == __file__, "the warning points at the line that has the older spelling"


def test_installing_twice_is_once_and_the_phase_of_today_is_not_warned() -> None:
    compat.install()
    compat.install()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert a_run().phase == "running"
    compat.uninstall()
    assert not any(hasattr(Run, name) for name in ("id", "status", "stream"))


def test_a_block_takes_away_only_what_it_brought() -> None:
    with compat.installed():
        assert hasattr(Run, "stream")
    assert not hasattr(Run, "stream")
    compat.install()
    with compat.installed():
        pass
    assert hasattr(Run, "stream")


def test_what_the_sdk_has_itself_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "id", "the SDK's own", raising=False)
    with compat.installed():
        assert a_run().id == "the SDK's own"  # type: ignore[attr-defined]
    assert a_run().id == "the SDK's own"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("value", "there"), [("1", True), ("0", False), (None, False)])
def test_the_variable_asks_for_them(monkeypatch: pytest.MonkeyPatch, value: str | None, there: bool) -> None:
    if value is None:
        monkeypatch.delenv(COMPAT_VARIABLE, raising=False)
    else:
        monkeypatch.setenv(COMPAT_VARIABLE, value)
    compat.install_if_asked()
    assert hasattr(Run, "id") is there


def test_importing_the_module_loads_no_flyte() -> None:
    code = "import flyte_runtime.compat, sys; print([m for m in sys.modules if m.split('.')[0] == 'flyte'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_without_the_sdk_one_sentence_says_so(tmp_path: Path) -> None:
    (tmp_path / "flyte.py").write_text("raise ImportError('no flyte here')")
    code = """
    import flyte_runtime.compat
    from flyte_runtime.errors import NotConfigured
    try:
        flyte_runtime.compat.install()
    except NotConfigured as error:
        print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60, cwd=tmp_path
    )
    assert "pip install 'flyte-runtime[flyte]' (no flyte here)" in done.stdout, done.stderr
