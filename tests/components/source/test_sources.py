"""Sources are read by a process of their own; what is wrong with one is said in a sentence of the user's terms."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest
from pulumi_flyte.errors import SourceError
from pulumi_flyte.notation.proto import from_trigger
from pulumi_flyte.problems import Problems
from pulumi_flyte.source import reading, sources, staging
from pulumi_flyte.source.description import AppEnvironmentDescription, AsgiDescription, TaskDescription


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(staging.CACHE_VARIABLE, str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    return tmp_path / "src"


def load(folder: Path, text: str, env: Mapping[str, str] | None = None, **more: object) -> sources.Reading:
    return sources.load(text, base=folder, python=None, env=env or {}, **more)  # type: ignore[arg-type]


def described_task(folder: Path, text: str) -> TaskDescription:
    description = load(folder, text).description
    assert isinstance(description, TaskDescription)
    return description


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(SourceError) as caught:
        load(folder, text)
    assert "Traceback" not in str(caught.value)
    return str(caught.value)


ASGI = "async def app(scope, receive, send): ...\n"


def test_only_what_is_imported_is_in_the_bundle(folder: Path) -> None:
    (folder / "app.py").write_text("import shared\n" + ASGI)
    (folder / "shared.py").write_text("x = 1\n")
    (folder / "other.py").write_text("y = 2\n")
    assert sorted(load(folder, "app.py:app").bundle.files) == ["app.py", "shared.py"]


def test_siblings_in_one_flat_folder_do_not_disturb_each_other(folder: Path) -> None:
    for name in ("one", "two"):
        (folder / f"{name}.py").write_text(ASGI)
    before = load(folder, "two.py:app").bundle.digest
    (folder / "one.py").write_text("changed = True\n" + ASGI)
    assert load(folder, "two.py:app").bundle.digest == before


def test_a_change_in_an_imported_module_is_seen_although_the_source_did_not_change(folder: Path) -> None:
    (folder / "app.py").write_text("import shared\n" + ASGI)
    (folder / "shared.py").write_text("x = 1\n")
    before = load(folder, "app.py:app").bundle.digest
    (folder / "shared.py").write_text("x = 2\n")
    assert load(folder, "app.py:app").bundle.digest != before


def test_a_package_is_bundled_from_above_itself(folder: Path) -> None:
    package = folder / "shop"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "web.py").write_text("from shop import parts\n" + ASGI)
    (package / "parts.py").write_text("")
    found = load(folder, "shop/web.py:app")
    assert (found.source.module, sorted(found.bundle.files)) == (
        "shop.web",
        ["shop/__init__.py", "shop/parts.py", "shop/web.py"],
    )


def test_include_adds_files_and_names_what_matches_nothing(folder: Path) -> None:
    (folder / "app.py").write_text(ASGI)
    (folder / "page.html").write_text("<p>")
    assert "page.html" in load(folder, "app.py:app", include=["*.html"]).bundle.files
    with pytest.raises(SourceError, match=r"include '\*\.css' names no file"):
        load(folder, "app.py:app", include=["*.css"])
    for pattern in ("a" * 300, "a\0b", "/etc/*"):
        with pytest.raises(SourceError, match="names no file"):
            load(folder, "app.py:app", include=[pattern])
    with pytest.raises(SourceError, match="names no file"):
        load(folder, "app.py:app", include=["../*"])


def test_the_users_code_sees_placeholders_and_nothing_of_pulumis(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "hunter2")
    reading.stop(sys.executable)
    check = "assert os.environ['BACKEND'] == 'placeholder' and 'PULUMI_CONFIG_PASSPHRASE' not in os.environ\n"
    (folder / "app.py").write_text("import os\n" + check + ASGI)
    assert isinstance(load(folder, "app.py:app", {"BACKEND": "placeholder"}).description, AsgiDescription)


def test_an_unchanged_source_starts_no_process(folder: Path) -> None:
    (folder / "app.py").write_text(ASGI)
    load(folder, "app.py:app")
    reading.stop(sys.executable)
    load(folder, "app.py:app")
    assert sys.executable not in reading._readers


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app.py", 'write "file.py:attribute"'),
        (":app", 'write "file.py:attribute"'),
        ("ap.py:app", "did you mean 'app.py'?"),
        ("app.js:app", "a source is a Python file"),
    ],
)
def test_what_is_no_source_says_what_one_is(folder: Path, text: str, expected: str) -> None:
    (folder / "app.py").write_text(ASGI)
    assert expected in refusal(folder, text)


def test_a_source_that_never_ends_is_stopped(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "TIME_LIMIT", 3.0)
    (folder / "app.py").write_text("import os\nopen('pid', 'w').write(str(os.getpid()))\nwhile True: pass\n")
    assert "took longer than" in refusal(folder, "app.py:app")
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
        sources.load("app.py:app", base=folder, python="/nowhere/python", env={})


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
    assert sorted(load(folder, "app.py:app").bundle.files) == ["app.py", "heavy.py"]


def test_what_python_writes_beside_the_code_is_in_no_bundle(folder: Path) -> None:
    (folder / "app.py").write_text(ASGI)
    cached = folder / "__pycache__"
    cached.mkdir(exist_ok=True)
    (cached / "app.cpython-311.pyc").write_bytes(b"\0")
    (folder / "page.html").write_text("<p>")
    assert sorted(load(folder, "app.py:app", include=["**/*"]).bundle.files) == ["app.py", "page.html"]


def test_a_file_that_is_read_on_import_is_part_of_the_reading(folder: Path) -> None:
    (folder / "settings.json").write_text("1")
    (folder / "app.py").write_text("import pathlib\nVALUE = pathlib.Path('settings.json').read_text()\n" + ASGI)
    found = load(folder, "app.py:app")
    assert (found.description.footprint.read, list(found.lacking.inside)) == (("settings.json",), ["settings.json"])
    assert not load(folder, "app.py:app", include=["settings.json"]).lacking.inside
    reading.stop(sys.executable)
    (folder / "settings.json").write_text("2")
    load(folder, "app.py:app")
    assert sys.executable in reading._readers, "it was read anew"


def test_a_source_sees_only_what_its_container_will_have(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE", "mine:1")
    reading.stop(sys.executable)
    (folder / "app.py").write_text("import os\nIMAGE = os.environ['IMAGE']\n" + ASGI)
    assert "KeyError: 'IMAGE'" in refusal(folder, "app.py:app")
    assert isinstance(load(folder, "app.py:app", {"IMAGE": "declared:1"}).description, AsgiDescription)


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
    assert not problems.found
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
