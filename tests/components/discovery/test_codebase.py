"""A file or folder of Flyte code is read as a whole, by one process, as `flyte deploy --all` would find it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil
import pytest
from pulumi_flyte.discovery import codebase
from pulumi_flyte.discovery.plan import Workload
from pulumi_flyte.errors import SourceError
from pulumi_flyte.source import process, staging
from pulumi_flyte.source.description import AppEnvironmentDescription, RequestedSecret, TaskDescription


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(staging.CACHE_VARIABLE, str(tmp_path / "cache"))


Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(files: Mapping[str, str]) -> Path:
        for path, content in files.items():
            target = tmp_path / "src" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
        return tmp_path / "src"

    return written


def read(base: Path, text: str, env: Mapping[str, str] | None = None) -> dict[str, Workload]:
    contents = codebase.read(codebase.locate(text, base), python=None, env=env or {})
    assert not contents.problems
    return {each.name: each for each in contents.workloads}


TASKS = """\
import flyte
from shared import clean
words = flyte.TaskEnvironment("words", secrets=[flyte.Secret("api-key", as_env_var="API_KEY")], description="counting")
@words.task
async def count(text: str, n: int = 3) -> int:
    '''Counts words.

    Args:
        text: what is counted
    '''
    return len(clean(text)) * n
@words.task
async def split(text: str) -> list[str]:
    return text.split()
"""
BACKEND = """\
import flyte.app
backend = flyte.app.AppEnvironment("backend", image="x:1", args=["serve"], include=["*.html"])
"""
FRONT = """\
import httpx
import flyte.app
from backend import backend
from flyte.app import AppEndpoint, Parameter
from tasks import words
front = flyte.app.AppEnvironment("front", image="x:1", depends_on=[words],
    parameters=[Parameter("side", AppEndpoint(app_name="side"), env_var="SIDE")])
def ask(path):
    return httpx.get(f"{backend.endpoint}{path}")
@front.server
async def serve():
    return [ask(path) for path in ("/a", "/b")]
"""
SHOP = {
    "tasks.py": TASKS,
    "shared.py": "def clean(text): return text.split()\n",
    "backend.py": BACKEND,
    "page.html": "<p>",
    "front.py": FRONT,
    "side.py": "import flyte.app\nside = flyte.app.AppEnvironment('side', image='x:1', args=['serve'])\n",
}


def test_a_folder_gives_every_app_and_task_of_its_files(write: Write) -> None:
    workloads = read(write(SHOP), ".")
    assert {name: (each.kind, each.source.text) for name, each in workloads.items()} == {
        "words.count": ("task", "tasks.py:count"),
        "words.split": ("task", "tasks.py:split"),
        "backend": ("app", "backend.py:backend"),
        "front": ("app", "front.py:front"),
        "side": ("app", "side.py:side"),
    }
    assert workloads["front"].depends_on == ("words",)
    assert workloads["words.count"].secrets == (RequestedSecret("api-key", "API_KEY"),)


def test_apps_are_named_by_parameters_and_by_the_code_that_asks_for_their_endpoints(write: Write) -> None:
    assert read(write(SHOP), ".")["front"].endpoints == ("backend", "side")


def test_a_fastapi_handler_and_its_dependencies_are_looked_through(write: Write) -> None:
    code = """\
import fastapi
from flyte.app.extras import FastAPIAppEnvironment
import backend as other
def where() -> str:
    return other.backend.endpoint
api = fastapi.FastAPI()
@api.get("/")
async def root(url: str = fastapi.Depends(where)) -> str:
    return url
env = FastAPIAppEnvironment("web", app=api, image="x:1")
"""
    assert read(write({**SHOP, "web.py": code}), "web.py")["web"].endpoints == ("backend",)


def test_a_file_brings_what_it_imports_and_depends_on_and_nothing_else(write: Write) -> None:
    assert set(read(write(SHOP), "front.py")) == {"front", "backend", "words.count", "words.split"}
    assert set(read(write(SHOP), "front.py:front")) == {"front", "words.count", "words.split"}
    assert set(read(write(SHOP), "backend.py")) == {"backend"}


def test_each_workload_carries_only_the_files_that_it_needs(write: Write) -> None:
    workloads = read(write(SHOP), ".")
    files = {name: sorted(each.source.description.footprint.files) for name, each in workloads.items()}
    assert files["words.count"] == ["shared.py", "tasks.py"]
    assert files["backend"] == ["backend.py"]
    assert files["front"] == ["backend.py", "front.py", "shared.py", "tasks.py"]


def test_a_package_is_read_from_above_itself(write: Write) -> None:
    base = write(
        {
            "jobs/__init__.py": "",
            "jobs/inner/__init__.py": "",
            "jobs/inner/words.py": "import flyte\nfrom jobs import text\nenv = flyte.TaskEnvironment('w')\n"
            "@env.task\nasync def f() -> int:\n    return 1\n",
            "jobs/text.py": "",
            "other.py": "1/0\n",
        }
    )
    task = read(base, "jobs/")["w.f"]
    assert task.source.text == "jobs/inner/words.py:f"
    assert sorted(task.source.description.footprint.files) == [
        "jobs/__init__.py",
        "jobs/inner/__init__.py",
        "jobs/inner/words.py",
        "jobs/text.py",
    ]


def test_include_is_relative_to_the_file_that_says_it(write: Write) -> None:
    base = write({"web/__init__.py": "", "web/app.py": BACKEND, "web/page.html": "<p>"})
    assert read(base, "web/")["backend"].source.description.include == ("web/*.html",)


def test_a_task_is_described_as_flytes_own_deploy_describes_it(write: Write) -> None:
    description = read(write(SHOP), "tasks.py")["words.count"].source.description
    assert isinstance(description, TaskDescription)
    spec = description.spec
    assert spec["documentation"] == {"shortDescription": "Counts words."}
    assert spec["environment"] == {"name": "words", "description": "counting"}
    text = spec["taskTemplate"]["interface"]["inputs"]["variables"][1]
    assert (text["key"], text["value"]["description"]) == ("text", "what is counted")


def test_all_is_read_in_one_process_and_not_again_while_nothing_changes(write: Write) -> None:
    code = "import flyte, os\nopen('reads.log', 'a').write('x')\nenv = flyte.TaskEnvironment('many')\n" + "".join(
        f"@env.task\nasync def t{n}() -> int:\n    return {n}\n" for n in range(20)
    )
    base = write({"many.py": code, "reads.log": ""})
    assert len(read(base, "many.py")) == 20
    assert (base / "reads.log").read_text() == "x"
    reader = process._readers[sys.executable].process
    assert not psutil.Process(reader.pid).children()
    process.stop(sys.executable)
    assert len(read(base, "many.py")) == 20
    assert sys.executable not in process._readers
    (base / "many.py").write_text(code.replace("return 7", "return 8"))
    assert len(read(base, "many.py")) == 20
    assert (base / "reads.log").read_text() == "xx"


def test_a_new_file_of_the_folder_is_seen(write: Write) -> None:
    base = write({"tasks.py": TASKS, "shared.py": SHOP["shared.py"]})
    assert "backend" not in read(base, ".")
    assert "backend" in read(write({"backend.py": BACKEND}), ".")


def test_what_was_read_on_import_belongs_to_who_read_it(write: Write) -> None:
    base = write(
        {
            "a.py": "import flyte.app\nopen('a.json').read()\n"
            "a = flyte.app.AppEnvironment('a', image='x:1', args=['s'])\n",
            "b.py": "import flyte.app\nb = flyte.app.AppEnvironment('b', image='x:1', args=['s'])\n",
            "a.json": "1",
        }
    )
    workloads = read(base, ".")
    assert {name: each.source.description.footprint.read for name, each in workloads.items()} == {
        "a": ("a.json",),
        "b": (),
    }


def test_requires_auth_is_what_the_code_says_and_nothing_where_it_says_nothing(write: Write) -> None:
    line = "{0} = flyte.app.AppEnvironment('{0}', image='x:1', args=['s']{1})\n"
    arguments = {"open": ", requires_auth=False", "closed": ", requires_auth=True", "silent": ""}
    code = "import flyte.app\n" + "".join(line.format(*item) for item in arguments.items())
    workloads = read(write({"a.py": code}), "a.py")
    descriptions = {name: each.source.description for name, each in workloads.items()}
    requires_auth = {
        name: each.requires_auth for name, each in descriptions.items() if isinstance(each, AppEnvironmentDescription)
    }
    assert requires_auth == {"open": False, "closed": True, "silent": None}


def refused(base: Path, text: str) -> list[str]:
    return [str(problem) for problem in codebase.read(codebase.locate(text, base), python=None, env={}).problems]


def test_every_file_that_does_not_import_is_named_with_its_line(write: Write) -> None:
    base = write({"a.py": "import os\nKEY = os.environ['KEY']\n", "b.py": "def f(:\n", "c.py": BACKEND})
    one, two = refused(base, ".")
    assert one == "a: a.py:2: importing it raised KeyError: 'KEY', in `KEY = os.environ['KEY']`"
    assert two.startswith("b: b.py:1: syntax error")


def test_two_environments_of_one_name_are_named_with_their_places(write: Write) -> None:
    base = write({"a.py": BACKEND, "b.py": BACKEND.replace("backend =", "again =")})
    assert refused(base, ".") == [
        "backend: two environments have this name, a:backend and b:again: rename one of them",
    ]


def test_everything_that_cannot_be_declared_is_said_at_once(write: Write) -> None:
    code = "import flyte\nfrom flyte.app import AppEnvironment, Parameter\n" + "".join(
        f"{name} = AppEnvironment('{name}', image='x:1', args=['s'], parameters=[Parameter('p')])\n" for name in "ab"
    )
    one, two = refused(write({"a.py": code}), "a.py")
    assert (one.split(":")[0], two.split(":")[0]) == ("a", "b")
    assert "Parameter 'p' has no value" in one


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aa.py", "there is no file 'aa.py'.*did you mean 'a.py'"),
        ("nowhere/", "there is no such folder"),
        ("", "there is no such folder"),
        ("empty", "there is no Python file"),
        ("a.py", "defines no Flyte workload"),
        ("a.py:x", "not a Flyte environment"),
        ("a.py:", 'write "file.py"'),
        ("a.py:y", "has no attribute 'y'"),
    ],
)
def test_what_is_no_flyte_code_is_said_in_one_sentence(write: Write, text: str, expected: str) -> None:
    base = write({"a.py": "import flyte\nx = 1\n", "empty/readme": ""})
    with pytest.raises(SourceError, match=expected):
        read(base, text)
