"""Sources that uvicorn and `flyte-runtime serve` run are read, or a message says the cause and the way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pulumi_flyte.discovery import codebase
from pulumi_flyte.errors import SourceError
from pulumi_flyte.source import layout
from pulumi_flyte.source.description import AsgiDescription

from tests.components.source import container
from tests.components.source.loaded import load

ASGI = "async def app(scope, receive, send): ...\n"
Write = Callable[[Mapping[str, str]], Path]


def refusal(program: Path, text: str) -> str:
    with pytest.raises(SourceError) as caught:
        load(program, text)
    assert "Traceback" not in str(caught.value)
    return str(caught.value)


# The source, the module that serves it, and the folder's files.
PACKAGES = {
    "its own name": (
        "ns/web.py", "ns.web", {"ns/web.py": "from ns.helper import NAME\n", "ns/helper.py": "NAME = 1\n"}),
    "a relative import": (
        "ns/web.py", "ns.web", {"ns/web.py": "from .helper import NAME\n", "ns/helper.py": "NAME = 1\n"}),
    "a relative import of two steps": (
        "ns/api/web.py", "ns.api.web", {"ns/api/web.py": "from ..helper import NAME\n", "ns/helper.py": "NAME = 1\n"}),
    "a relative import inside a function": (
        "ns/web.py", "ns.web",
        {"ns/web.py": "def late():\n    from . import helper\nNAME = 1\n", "ns/helper.py": ""}),
    "a name from far above": (
        "app/api/v1/web.py", "app.api.v1.web",
        {"app/api/v1/web.py": "import app.core.config as c\nNAME = c.NAME\n", "app/core/config.py": "NAME = 1\n"}),
    "only the inner folder is a package": (
        "app/api/web.py", "app.api.web",
        {"app/api/web.py": "from app.core import NAME\n", "app/api/__init__.py": "", "app/core.py": "NAME = 1\n"}),
    "a flat folder": ("ns/web.py", "web", {"ns/web.py": "from helper import NAME\n", "ns/helper.py": "NAME = 1\n"}),
    "a folder of the same name inside": (
        "ns/web.py", "web", {"ns/web.py": "from ns.helper import NAME\n", "ns/ns/helper.py": "NAME = 1\n"}),
    "a folder with the name of a package": (
        "httpx/web.py", "web", {"httpx/web.py": "from httpx import Client\nNAME = 1\n"}),
}  # fmt: skip


@pytest.mark.parametrize(("source", "module", "files"), PACKAGES.values(), ids=PACKAGES)
def test_a_folder_without_init_is_a_package_where_its_code_says_so(
    write: Write, tmp_path: Path, source: str, module: str, files: Mapping[str, str]
) -> None:
    program = write({**files, source: files[source] + ASGI})
    loaded = load(program, f"{source}:app")
    assert (loaded.location.module, type(loaded.description)) == (module, AsgiDescription)
    code = f"import importlib; print(importlib.import_module({module!r}).NAME)"
    assert container.run(loaded.bundle, tmp_path / "container", code) == "1"


def test_a_folder_of_flyte_code_without_init_is_discovered(write: Write) -> None:
    task = (
        "import flyte\nfrom ns.helper import NAME\nenv = flyte.TaskEnvironment('w')\n@env.task\nasync def f() -> int:\n"
    )
    program = write({"ns/tasks.py": task + "    return NAME\n", "ns/helper.py": "NAME = 1\n"})
    for text in ("ns/", "ns/tasks.py"):
        [found] = codebase.read(codebase.locate(text, program), python=None, env={}).workloads
        assert (found.source.text, sorted(found.source.description.footprint.files)) == (
            "ns/tasks.py:f",
            ["ns/helper.py", "ns/tasks.py"],
        )


def test_a_relative_import_beyond_the_programs_folders_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "no-module-name"
    folder.mkdir()
    (folder / "web.py").write_text("from .helper import NAME\n")
    assert layout.root_of(folder, [folder / "web.py"]) == folder


FACTORIES = {
    "without parameters": "def make():\n    return app\n",
    "with defaults": "def make(debug=False, **more):\n    return app\n",
    "a lambda": "make = lambda: app\n",
    "of FastAPI": "def make():\n    from fastapi import FastAPI\n    return FastAPI()\n",
    "that imports late": "def make():\n    import late\n    return app\n",
}


@pytest.mark.parametrize("code", FACTORIES.values(), ids=FACTORIES)
def test_a_factory_is_read_as_the_server_calls_it(write: Write, code: str) -> None:
    program = write({"web.py": ASGI + code, "late.py": ""})
    loaded = load(program, "web.py:make")
    assert (type(loaded.description), loaded.location.attribute) == (AsgiDescription, "make")
    assert ("late.py" in loaded.bundle.files) is ("late" in code)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def make():\n    return 3\n", "what 'make' returns is of type int"),
        ("def make():\n    raise ValueError('no database')\n", "calling 'make' raised ValueError: no database"),
        ("def make():\n    raise SystemExit(2)\n", "calling 'make' ended with sys.exit(2)"),
        ("async def make():\n    return app\n", "'make' is an async function without parameters"),
        ("def make(settings):\n    return app\n", "'make' takes settings, and"),
        ("def make(environ, start_response):\n    return []\n", "a2wsgi.WSGIMiddleware"),
        ("class make:\n    def __call__(self, environ, start_response): ...\nmake = make()\n", "a2wsgi.WSGIMiddleware"),
    ],
)
def test_what_is_no_factory_says_why(write: Write, code: str, expected: str) -> None:
    assert expected in refusal(write({"web.py": ASGI + code}), "web.py:make")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ns.web:app", "did you mean 'ns/web.py:app'?"),
        ("ns/web:app", "did you mean 'ns/web.py:app'?"),
        ("flat:app", "did you mean 'flat.py:app'?"),
        ("shop:app", "did you mean 'shop/__init__.py:app'?"),
        ("nowhere.web:app", "a source is a Python file, such as backend.py:app"),
        ("app.v2.py:app", "rename the file, such as 'app_v2.py'"),
    ],
)
def test_the_spelling_of_uvicorn_is_answered_with_the_file(write: Write, text: str, expected: str) -> None:
    files = ("ns/web.py", "flat.py", "shop/__init__.py", "app.v2.py")
    assert expected in refusal(write(dict.fromkeys(files, ASGI)), text)


@pytest.mark.parametrize("name", ["queue", "calendar", "email", "stat", "token", "types", "secrets", "platform"])
def test_a_file_with_a_name_of_the_standard_library_is_named(write: Write, name: str) -> None:
    message = refusal(write({f"{name}.py": ASGI}), f"{name}.py:app")
    assert f"{name}.py is hidden by the standard library's module '{name}': rename the file" in message


def test_a_file_with_a_name_of_an_imported_package_is_named(write: Write) -> None:
    program = write({"flyte.py": ASGI, "fastapi/__init__.py": ASGI})
    assert "flyte.py is hidden by the installed package 'flyte': rename the file" in refusal(program, "flyte.py:app")
    assert "fastapi/__init__.py is hidden by" in refusal(program, "fastapi/__init__.py:app")


@pytest.mark.parametrize("name", ["flyte_runtime", "httptools", "opentelemetry", "uvicorn", "uvloop", "websockets"])
def test_a_file_with_a_name_that_the_server_imports_is_named(write: Write, name: str) -> None:
    message = refusal(write({f"{name}.py": ASGI}), f"{name}.py:app")
    assert f"{name}.py is hidden by the installed package '{name}': rename the file" in message


@pytest.mark.parametrize("code", ["from queue import Mine\n", "import queue.mine\n"])
def test_an_import_that_meets_the_standard_library_instead_says_so(write: Write, code: str) -> None:
    program = write({"web.py": code + ASGI, "queue.py": "class Mine: ...\n"})
    assert "queue.py is hidden by the standard library's module 'queue'" in refusal(program, "web.py:app")


@pytest.mark.parametrize("link", ["shared", "shared.py"])
def test_a_link_to_nothing_is_named(write: Write, link: str) -> None:
    program = write({"web.py": "import shared.common\n" + ASGI})
    (program / link).symlink_to("../gone")
    assert f"{link} is a link to '../gone', where there is nothing" in refusal(program, "web.py:app")


def test_names_that_only_look_unusual_are_read(write: Write) -> None:
    names = ("my-app.py", "2024.py", "pkg/queue.py", "pkg/__init__.py")
    program = write(dict.fromkeys(names, ASGI))
    assert {type(load(program, f"{name}:app").description) for name in names} == {AsgiDescription}


@pytest.mark.parametrize("text", ["from .. import names", "from ..shop import web", "import program.shop.web"])
def test_an_import_in_a_docstring_moves_no_root(write: Write, text: str) -> None:
    code = f'"""Use it so:\n\n    {text}\n"""\nimport sibling\n{ASGI}'
    program = write({"shop/web.py": code, "shop/sibling.py": ""})
    loaded = load(program, "shop/web.py:app")
    assert (loaded.location.module, sorted(loaded.bundle.files)) == ("web", ["sibling.py", "web.py"])


def test_the_standard_library_still_knows_which_arguments_functions_take(write: Write) -> None:
    code = (
        "import os, shutil\nos.makedirs('links', exist_ok=True)\nfor name in ('links/a', 'links/b'):\n"
        "    os.path.islink(name) or os.symlink('to', name)\n"
        "shutil.copystat('links/a', 'links/b', follow_symlinks=False)\n"
    )
    assert isinstance(load(write({"app.py": code + ASGI}), "app.py:app").description, AsgiDescription)
