"""A bundle has the files that the code imports and includes; Flyte code is described as Flyte's own deploy sends it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi_flyte.errors import SourceError
from pulumi_flyte.notation.proto import from_trigger
from pulumi_flyte.problems import Problems
from pulumi_flyte.source.description import AppEnvironmentDescription, TaskDescription

from tests.components.source.loaded import load

ASGI = "async def app(scope, receive, send): ...\n"


def described_task(folder: Path, text: str) -> TaskDescription:
    description = load(folder, text).description
    assert isinstance(description, TaskDescription)
    return description


def test_only_what_is_imported_is_in_the_bundle(folder: Path) -> None:
    (folder / "app.py").write_text("import shared\n" + ASGI)
    (folder / "shared.py").write_text("x = 1\n")
    (folder / "other.py").write_text("y = 2\n")
    assert sorted(load(folder).bundle.files) == ["app.py", "shared.py"]


def test_siblings_in_one_flat_folder_do_not_disturb_each_other(folder: Path) -> None:
    for name in ("one", "two"):
        (folder / f"{name}.py").write_text(ASGI)
    before = load(folder, "two.py:app").bundle.digest
    (folder / "one.py").write_text("changed = True\n" + ASGI)
    assert load(folder, "two.py:app").bundle.digest == before


def test_a_package_is_bundled_from_above_itself(folder: Path) -> None:
    package = folder / "shop"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "web.py").write_text("from shop import parts\n" + ASGI)
    (package / "parts.py").write_text("")
    source = load(folder, "shop/web.py:app")
    assert (source.location.module, sorted(source.bundle.files)) == (
        "shop.web",
        ["shop/__init__.py", "shop/parts.py", "shop/web.py"],
    )


def test_include_adds_files_and_names_what_matches_nothing(folder: Path) -> None:
    (folder / "app.py").write_text(ASGI)
    (folder / "page.html").write_text("<p>")
    assert "page.html" in load(folder, include=["*.html"]).bundle.files
    with pytest.raises(SourceError, match=r"include '\*\.css' names no file"):
        load(folder, include=["*.css"])
    for pattern in ("a" * 300, "a\0b", "/etc/*"):
        with pytest.raises(SourceError, match="names no file"):
            load(folder, include=[pattern])
    with pytest.raises(SourceError, match="names no file"):
        load(folder, include=["../*"])


def test_a_flyte_task_brings_its_interface_and_defaults(folder: Path) -> None:
    (folder / "tasks.py").write_text(
        "import flyte\nenv = flyte.TaskEnvironment(name='words')\n"
        "@env.task\nasync def count(text: str, n: int = 3) -> int:\n    return n\n"
    )
    task = described_task(folder, "tasks.py:count")
    assert task.name == "words.count"
    assert [item["name"] for item in task.spec["defaultInputs"]] == ["n"]


def test_an_app_environment_gives_the_same_reading_at_any_time_of_day(folder: Path) -> None:
    (folder / "app.py").write_text(
        "import flyte.app\n"
        "env = flyte.app.AppEnvironment(name='web', image='x:1', port=8081,\n"
        "    args=['serve'], parameters=[flyte.app.Parameter(name='p', value='v', env_var='P')])\n"
    )
    first = load(folder, "app.py:env").description
    assert isinstance(first, AppEnvironmentDescription)
    (folder / "app.py").write_text((folder / "app.py").read_text() + "# touched\n")
    assert load(folder, "app.py:env").description == first


LAZY = """\
import sys
from importlib.util import LazyLoader, find_spec, module_from_spec
spec = find_spec("heavy")
spec.loader = LazyLoader(spec.loader)
heavy = sys.modules["heavy"] = module_from_spec(spec)
spec.loader.exec_module(heavy)
"""


def test_a_lazy_module_is_carried_and_not_loaded(folder: Path) -> None:
    (folder / "heavy.py").write_text("raise RuntimeError('this was to be loaded when it is used')\n")
    (folder / "app.py").write_text(LAZY + ASGI)
    assert sorted(load(folder).bundle.files) == ["app.py", "heavy.py"]


def test_what_python_writes_beside_the_code_is_in_no_bundle(folder: Path) -> None:
    (folder / "app.py").write_text(ASGI)
    cached = folder / "__pycache__"
    cached.mkdir(exist_ok=True)
    (cached / "app.cpython-311.pyc").write_bytes(b"\0")
    (folder / "page.html").write_text("<p>")
    assert sorted(load(folder, include=["**/*"]).bundle.files) == ["app.py", "page.html"]


TRIGGERED = """\
from datetime import datetime
import flyte
env = flyte.TaskEnvironment(name="words")
@env.task(triggers=flyte.Trigger(
    "nightly", flyte.Cron("0 2 * * *", timezone="Europe/Zurich"),
    inputs={{"at": flyte.TriggerTime, "n": 3}}, env_vars={{"A": "b"}}, auto_activate=False{more}))
async def count(at: datetime, n: int = 1) -> int:
    return n
"""


def test_a_flyte_tasks_own_trigger_keeps_its_inputs_and_variables(folder: Path) -> None:
    (folder / "tasks.py").write_text(TRIGGERED.format(more=""))
    problems = Problems()
    trigger = from_trigger(described_task(folder, "tasks.py:count").triggers[0], problems)
    assert not problems.entries
    assert trigger["inputs"] == [{"name": "n", "value": {"scalar": {"primitive": {"integer": "3"}}}}]
    assert {key: trigger[key] for key in trigger if key != "inputs"} == {
        "name": "nightly",
        "cron": "0 2 * * *",
        "timezone": "Europe/Zurich",
        "active": False,
        "env": {"A": "b"},
        "kickoff_time_input": "at",
    }


def test_what_a_trigger_cannot_carry_is_a_problem_and_not_a_loss(folder: Path) -> None:
    (folder / "tasks.py").write_text(TRIGGERED.format(more=", queue='gpu'"))
    problems = Problems()
    from_trigger(described_task(folder, "tasks.py:count").triggers[0], problems)
    assert [(problem.path, "queue" in problem.reason) for problem in problems] == [("triggers.nightly", True)]
