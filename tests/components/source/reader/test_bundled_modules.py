"""Every local module that code can import is in its bundle, at a path where the container finds it."""

from __future__ import annotations

import sys
import venv
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pulumi_flyte.discovery import codebase
from pulumi_flyte.source import loading, process

from tests.components.source import container
from tests.components.source.loaded import load

ASGI = "async def app(scope, receive, send): ...\n"
Write = Callable[[Mapping[str, str]], Path]


FROM_PARENT = "import sys, pathlib\nsys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'libs'))\n"
# What the code imports, and what it then prints.
LATE = {
    "inside a function": ("def late():\n    from helper import NAME\n    return NAME\n", {"helper.py": ""}),
    "by a literal name": (
        "import importlib\ndef late():\n    return importlib.import_module('helper').NAME\n",
        {"helper.py": ""},
    ),
    "by the built-in function": ("def late():\n    return __import__('helper').NAME\n", {"helper.py": ""}),
    "what a late module imports": (
        "def late():\n    import first\n    return first.get()\n",
        {"first.py": "def get():\n    from second import NAME\n    return NAME\n", "second.py": ""},
    ),
    "a package and its parts": (
        "def late():\n    from shop.parts import wheels\n    return wheels.NAME\n",
        {
            "shop/__init__.py": "",
            "shop/parts/__init__.py": "from . import tools\n",
            "shop/parts/wheels.py": "",
            "shop/parts/tools.py": "",
        },
    ),
    "any module of a package": (
        "import importlib\ndef late(name='one'):\n    return importlib.import_module(f'plugins.{name}').NAME\n",
        {"plugins/__init__.py": "", "plugins/one.py": "", "plugins/two.py": ""},
    ),
    "the names of __all__": (
        "def late():\n    import star\n    return star.one.NAME\n",
        {"star.py": "from many import *\n", "many/__init__.py": "__all__ = ['one']\n", "many/one.py": ""},
    ),
    "in the other branch of an alternative": (
        "import os\ndef late():\n    try:\n        import nowhere_at_all\n    except ImportError:\n"
        "        import helper as nowhere_at_all\n    return nowhere_at_all.NAME\n",
        {"helper.py": ""},
    ),
    "by another name of the function": (
        "from importlib import import_module as load\ndef late():\n    return load('helper').NAME\n",
        {"helper.py": ""},
    ),
    "by a list of names": (
        "import importlib\nROUTES = ['helper', 'shop.api:routes']\n"
        "def late():\n    return [importlib.import_module(name.partition(':')[0]).NAME for name in ROUTES][1]\n",
        {"helper.py": "", "shop/__init__.py": "", "shop/api.py": ""},
    ),
    "every module of a package": (
        "import importlib, pkgutil\nimport shop.plugins as plugins\ndef late():\n"
        "    found = pkgutil.iter_modules(plugins.__path__, 'shop.plugins.')\n"
        "    return [importlib.import_module(each.name).NAME for each in found][1]\n",
        {"shop/__init__.py": "", "shop/plugins/__init__.py": "", "shop/plugins/a.py": "", "shop/plugins/b.py": ""},
    ),
    "an attribute of a package that loads its modules": (
        "import shop\ndef late():\n    return shop.parts.NAME\n",
        {
            "shop/__init__.py": "import importlib\ndef __getattr__(name):\n"
            "    return importlib.import_module('.' + name, __name__)\n",
            "shop/parts.py": "",
        },
    ),
    "packages without __init__": (
        "def late():\n    from deep.inner import helper\n    return helper.NAME\n",
        {"deep/inner/helper.py": ""},
    ),
    "when the server starts": (
        "from contextlib import asynccontextmanager\n@asynccontextmanager\nasync def lifespan(app):\n"
        "    import helper\n    yield\ndef late():\n    return __import__('helper').NAME\n",
        {"helper.py": ""},
    ),
    "from a folder that is put on the path then": (
        "import sys, os\ndef late():\n    sys.path.append(os.path.join(os.path.dirname(__file__), '..', 'libs'))\n"
        "    import common\n    return common.NAME\n",
        {"../libs/common.py": ""},
    ),
    "from a folder beside": (
        FROM_PARENT + "def late():\n    import common\n    return common.NAME\n",
        {"../libs/common.py": ""},
    ),
    "from a folder that was on the path for a moment": (
        FROM_PARENT + "import common\nsys.path.pop(0)\ndef late():\n    return common.NAME\n",
        {"../libs/common.py": ""},
    ),
    "a package from a folder beside": (
        FROM_PARENT + "from shared.deep import value\ndef late():\n    return value.NAME\n",
        {"../libs/shared/__init__.py": "", "../libs/shared/deep/__init__.py": "", "../libs/shared/deep/value.py": ""},
    ),
    "a package without __init__ from a folder beside": (
        FROM_PARENT + "from shared.value import NAME\ndef late():\n    return NAME\n",
        {"../libs/shared/value.py": ""},
    ),
    "from a folder below": (
        "import sys\nsys.path.insert(0, __file__.rpartition('/')[0] + '/vendor')\n"
        "def late():\n    import vendored\n    return vendored.NAME\n",
        {"vendor/vendored.py": ""},
    ),
    "a module that puts an object in its place": (
        "import settings\ndef late():\n    return settings.NAME\n",
        {"settings.py": "import sys\nclass Settings:\n    NAME = 'found'\nsys.modules[__name__] = Settings()\n"},
    ),
    "a file that is loaded by its path": (
        "import importlib.util, pathlib\n"
        "spec = importlib.util.spec_from_file_location('plug', pathlib.Path(__file__).parent / 'plugins' / 'one.py')\n"
        "plug = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(plug)\n"
        "def late():\n    return plug.NAME\n",
        {"plugins/one.py": ""},
    ),
    "a script that is run": (
        "import runpy\nvalues = runpy.run_path('scripts/values.py')\ndef late():\n    return values['NAME']\n",
        {"scripts/values.py": ""},
    ),
}


@pytest.mark.parametrize(("code", "files"), LATE.values(), ids=LATE)
def test_a_module_is_found_in_the_container(write: Write, tmp_path: Path, code: str, files: Mapping[str, str]) -> None:
    program = write({"app.py": code + ASGI, **{path: text or "NAME = 'found'\n" for path, text in files.items()}})
    source = load(program)
    assert container.run(source.bundle, tmp_path / "container", "import app; print(app.late())") == "found"
    assert not source.missing.warnings([])


def test_a_linked_package_is_in_the_bundle(write: Write, tmp_path: Path) -> None:
    program = write({"app.py": "from shared.common import NAME\n" + ASGI, "../libs/common.py": "NAME = 'found'\n"})
    (program / "shared").symlink_to("../libs")
    (program / "alias.py").symlink_to("../libs/common.py")
    (program / "late.py").write_text(
        "def late():\n    from shared import common\n    import alias\n    return alias.NAME\n"
    )
    (program / "app.py").write_text("from shared.common import NAME\nfrom late import late\n" + ASGI)
    source = load(program)
    assert sorted(source.bundle.files) == ["alias.py", "app.py", "late.py", "shared/common.py"]
    assert container.run(source.bundle, tmp_path / "container", "import app; print(app.late())") == "found"


def test_a_linked_source_keeps_the_folder_in_which_it_stands(write: Write, tmp_path: Path) -> None:
    program = write({"../libs/web.py": "import beside\n" + ASGI, "beside.py": ""})
    (program / "app.py").symlink_to("../libs/web.py")
    assert sorted(load(program).bundle.files) == ["app.py", "beside.py"]


def test_what_only_a_type_checker_or_a_script_imports_is_left_out(write: Write) -> None:
    code = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import types_only\n"
    code += ASGI + "if __name__ == '__main__':\n    import script_only\n"
    program = write({"app.py": code, "types_only.py": "", "script_only.py": ""})
    assert sorted(load(program).bundle.files) == ["app.py"]


def test_a_late_module_of_one_source_is_nobody_elses(write: Write) -> None:
    program = write(
        {
            "one.py": "def late():\n    import mine\n" + ASGI,
            "two.py": ASGI,
            "mine.py": "",
            "flat.py": ASGI + "import importlib\ndef late(name):\n    return importlib.import_module(name)\n",
        }
    )
    before = {name: load(program, f"{name}.py:app").bundle.digest for name in ("one", "two", "flat")}
    (program / "mine.py").write_text("changed = True\n")
    after = {name: load(program, f"{name}.py:app").bundle.digest for name in ("one", "two", "flat")}
    assert [name for name in before if before[name] != after[name]] == ["one"]


def test_a_change_of_a_module_beside_the_folder_is_seen(write: Write) -> None:
    program = write({"app.py": FROM_PARENT + "import common\n" + ASGI, "../libs/common.py": "x = 1\n"})
    before = load(program).bundle.digest
    (program / "../libs/common.py").write_text("x = 2\n")
    assert load(program).bundle.digest != before


@pytest.mark.parametrize(
    ("code", "appears"),
    [
        ("try:\n    import local_settings\nexcept ImportError:\n    pass\n", "local_settings.py"),
        ("def late():\n    import local_settings\n", "local_settings/__init__.py"),
        ("import importlib\nfor name in ['one']:\n    importlib.import_module(f'plugins.{name}')\n", "plugins/two.py"),
        ("import os\nnames = os.listdir('plugins')\n", "plugins/two.py"),
        ("import pkgutil, plugins\ndef late():\n    pkgutil.iter_modules(plugins.__path__)\n", "plugins/two.py"),
    ],
)
def test_a_module_that_appears_is_seen_although_no_file_changed(write: Write, code: str, appears: str) -> None:
    program = write({"app.py": code + ASGI, "plugins/one.py": ""})
    load(program)
    write({appears: ""})
    process.stop(sys.executable)
    load(program)
    assert sys.executable in process._readers, "it was read anew"


def test_installed_packages_are_in_no_bundle(write: Write) -> None:
    program = write({"app.py": "import httpx, flyte_runtime, json\ndef late():\n    import pydantic\n" + ASGI})
    assert sorted(load(program).bundle.files) == ["app.py"]


def test_a_package_of_the_program_in_editable_mode_is_in_the_bundle(write: Write, tmp_path: Path) -> None:
    program = write({"app.py": "from shop import NAME\n" + ASGI, "src/shop/__init__.py": "NAME = 'found'\n"})
    write({"../elsewhere/installed.py": "", "web.py": "import installed\n" + ASGI})
    venv.create(tmp_path / "venv", with_pip=False)
    [site] = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    (site / "editable.pth").write_text(f"{program / 'src'}\n{program.parent / 'elsewhere'}\n")
    python = str(tmp_path / "venv" / "bin" / "python")
    try:
        editable, foreign = (load(program, text, python=python) for text in ("app.py:app", "web.py:app"))
    finally:
        process.stop(python)
    assert container.run(editable.bundle, tmp_path / "container", "import app; print(app.NAME)") == "found"
    assert sorted(foreign.bundle.files) == ["web.py"], "what is installed from elsewhere is a package like any other"


def test_a_module_of_the_import_path_of_the_shell_is_in_the_bundle(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = write({"app.py": "def late():\n    import common\n    return common.NAME\n" + ASGI})
    write({"../libs/common.py": "NAME = 'found'\n"})
    monkeypatch.setenv("PYTHONPATH", str(program.parent / "libs"))
    process.stop(sys.executable)
    try:
        source = load(program)
    finally:
        process.stop(sys.executable)
    monkeypatch.delenv("PYTHONPATH")
    assert container.run(source.bundle, tmp_path / "container", "import app; print(app.late())") == "found"


FLYTE = """\
import flyte, flyte.app
{imports}
env = flyte.TaskEnvironment("{name}")
@env.task
async def work() -> str:
    {late}
    return NAME
"""


def test_tasks_and_discovered_workloads_carry_what_they_import_late(write: Write, tmp_path: Path) -> None:
    program = write(
        {
            "a.py": FLYTE.format(name="a", imports="", late="from helper import NAME"),
            "b.py": FLYTE.format(name="b", imports=FROM_PARENT + "from common import NAME", late="pass"),
            "c.py": FLYTE.format(name="c", imports="NAME = 'c'", late="pass"),
            "helper.py": "NAME = 'found'\n",
            "../libs/common.py": "NAME = 'found'\n",
        }
    )
    assert sorted(load(program, "a.py:work").bundle.files) == ["a.py", "helper.py"]
    workloads = codebase.read(codebase.locate(".", program), python=None, env={}).workloads
    bundles = {each.name: loading.bundle(each.source, ()).bundle for each in workloads}
    assert {name: sorted(bundle.files) for name, bundle in bundles.items()} == {
        "a.work": ["a.py", "helper.py"],
        "b.work": ["b.py", "common.py"],
        "c.work": ["c.py"],
    }
    for name in "ab":
        code = f"import asyncio, {name}; print(asyncio.run({name}.work.func()))"
        assert container.run(bundles[f"{name}.work"], tmp_path / name, code) == "found"
