"""A source is read again when something that took part in its reading has changed, and only then."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from pulumi_flyte.source import process
from pulumi_flyte.source.description import TaskDescription

from tests.components.source.loaded import load

ASGI = "async def app(scope, receive, send): ...\n"


def test_an_unchanged_source_starts_no_process(folder: Path) -> None:
    (folder / "app.py").write_text(ASGI)
    load(folder)
    process.stop(sys.executable)
    load(folder)
    assert sys.executable not in process._readers


def test_a_change_in_an_imported_module_is_seen_although_the_source_did_not_change(folder: Path) -> None:
    (folder / "app.py").write_text("import shared\n" + ASGI)
    (folder / "shared.py").write_text("x = 1\n")
    before = load(folder).bundle.digest
    (folder / "shared.py").write_text("x = 2\n")
    assert load(folder).bundle.digest != before


TASKS = """\
import flyte
env = flyte.TaskEnvironment(name="words")
@env.task
async def count(n: int = 3) -> int:
    return n
"""


def test_a_change_within_a_second_of_the_change_before_is_seen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytecode that Python writes beside the code has the size and the second of both versions."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    process.stop(sys.executable)
    tasks = folder / "tasks.py"
    for default in "34":
        tasks.write_text(TASKS.replace("3", default))
        os.utime(tasks, (1_700_000_000, 1_700_000_000))
        description = load(folder, "tasks.py:count").description
        assert isinstance(description, TaskDescription)
        assert f"'integer': '{default}'" in str(description.spec["defaultInputs"])


def test_a_file_that_is_read_on_import_is_part_of_the_reading(folder: Path) -> None:
    (folder / "settings.json").write_text("1")
    (folder / "app.py").write_text("import pathlib\nVALUE = pathlib.Path('settings.json').read_text()\n" + ASGI)
    source = load(folder)
    assert (source.description.footprint.read, list(source.missing.inside)) == (("settings.json",), ["settings.json"])
    assert not load(folder, include=["settings.json"]).missing.inside
    process.stop(sys.executable)
    (folder / "settings.json").write_text("2")
    load(folder)
    assert sys.executable in process._readers, "it was read anew"
