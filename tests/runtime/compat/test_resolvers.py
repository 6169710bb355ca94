"""The resolvers by which Flyte's SDK loads code in the older spellings: real ones, in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import flyte
import flyte.remote
from flyte.app import AppEnvironment

there = hasattr(flyte.remote.Run, "stream")
web = AppEnvironment(name=f"web-{there}".lower(), command=["x"])
words = flyte.TaskEnvironment(name=f"words-{there}".lower())

@words.task
def count(text: str = "") -> int:
    return len(text)
"""
LOADING = {
    "app": 'print(load_class("flyte_runtime.compat.resolvers.AppResolver")().load_app_env("shop:web").name)',
    "task": 'print(load_class("flyte_runtime.compat.resolvers.TaskResolver")()'
    '.load_task(["mod", "shop", "instance", "count"]).name)',
}


@pytest.mark.parametrize(("kind", "name"), [("app", "web-{}"), ("task", "words-{}.count")])
@pytest.mark.parametrize(("value", "there"), [("1", "true"), ("0", "false"), (None, "false")])
def test_the_variable_is_read_before_the_code_is_loaded(
    tmp_path: Path, kind: str, name: str, value: str | None, there: str
) -> None:
    (tmp_path / "shop.py").write_text(CODE)
    code = f"from flyte._internal.runtime.entrypoints import load_class\n{LOADING[kind]}"
    env = {key: text for key, text in os.environ.items() if key != "FLYTE_RUNTIME_COMPAT"}
    if value is not None:
        env["FLYTE_RUNTIME_COMPAT"] = value
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip() == name.format(there), done.stderr
