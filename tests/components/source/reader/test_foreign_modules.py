"""`sys.modules` and module attributes may hold any object. The reader survives every answer of theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi_flyte.discovery import codebase
from pulumi_flyte.errors import SourceError
from pulumi_flyte.source.description import AsgiDescription, TaskDescription

from tests.components.source.loaded import load

ASGI = "async def app(scope, receive, send): ...\n"
TASK = "import flyte\nenv = flyte.TaskEnvironment(name='words')\n@env.task\nasync def count() -> int:\n    return 1\n"

CLAIMS_TO_BE_A_MODULE = """\
import sys, types
class Lib:
    __class__ = types.ModuleType
    __slots__ = ()
sys.modules['lib'] = Lib()
"""
LEFT_BEHIND = {
    "an object whose class is a lie": CLAIMS_TO_BE_A_MODULE,
    "an object whose class cannot be asked": """\
import sys
class Liar:
    @property
    def __class__(self):
        raise RuntimeError('do not ask')
sys.modules['liar'] = thing = Liar()
""",
    "a configuration that reads the environment": """\
import os, sys
class Config:
    def __getattr__(self, name):
        return os.environ[name]
sys.modules['config'] = config = Config()
""",
    "a relative file": "import sys, types\nsys.modules['gen'] = m = types.ModuleType('gen'); m.__file__ = 'gen.py'\n",
    "a file that is no path": """\
import sys, types
for number, file in enumerate((3, b'x.py', 'a\\0.py', 'x' * 5000 + '.py', object())):
    module = sys.modules[f'odd{number}'] = types.ModuleType('odd')
    module.__file__ = file
""",
    "names and values that are none": "import sys\nsys.modules['absent'] = None\nsys.modules[3] = 'three'\n",
    "a module whose namespace is a property": """\
import sys, types
class Lazy(types.ModuleType):
    @property
    def __dict__(self):
        raise RuntimeError('loaded on use')
sys.modules['lazy'] = Lazy('lazy')
""",
    "a stand-in for flyte": "import sys, types\nsys.modules['flyte'] = types.ModuleType('flyte')\n",
    "an attribute without an end": """\
import unittest.mock
anything = unittest.mock.MagicMock()
class Endless:
    def __getattr__(self, name):
        return Endless()
    def __call__(self): ...
endless = Endless()
""",
}


@pytest.mark.parametrize("code", LEFT_BEHIND.values(), ids=LEFT_BEHIND)
def test_an_application_is_read_whatever_its_imports_leave_behind(tmp_path: Path, code: str) -> None:
    (tmp_path / "left.py").write_text(code)
    (tmp_path / "app.py").write_text("import left\n" + ASGI)
    source = load(tmp_path)
    assert (type(source.description), sorted(source.bundle.files)) == (AsgiDescription, ["app.py", "left.py"])


@pytest.mark.parametrize(
    "code", [code for name, code in LEFT_BEHIND.items() if "flyte" not in name], ids=lambda code: code[:30]
)
def test_flyte_code_is_discovered_whatever_its_modules_hold(tmp_path: Path, code: str) -> None:
    (tmp_path / "tasks.py").write_text(code + TASK)
    where = codebase.locate("tasks.py", tmp_path)
    contents = codebase.read(where, python=None, env={})
    assert (contents.problems, [each.name for each in contents.workloads]) == ((), ["words.count"])
    task = load(tmp_path, "tasks.py:count")
    assert isinstance(task.description, TaskDescription)


def test_cryptography_and_jwt_are_read_as_any_other_import(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import jwt\nfrom cryptography.fernet import Fernet\n" + ASGI)
    source = load(tmp_path)
    assert isinstance(source.description, AsgiDescription)


def test_an_application_is_found_in_an_object_that_took_the_place_of_its_module(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import sys\nclass Site:\n    async def app(self, scope, receive, send): ...\nsys.modules[__name__] = Site()\n"
    )
    source = load(tmp_path)
    assert (type(source.description), sorted(source.bundle.files)) == (AsgiDescription, ["app.py"])


def test_an_attribute_that_fails_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def __getattr__(name):\n    raise KeyError(name)\n")
    with pytest.raises(SourceError, match=r"reading 'app' of 'app' raised KeyError: 'app'$"):
        load(tmp_path)
