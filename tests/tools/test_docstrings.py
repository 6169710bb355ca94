"""The docstrings of the components: an editor shows every argument with the text of its declaration."""

from __future__ import annotations

import importlib.util
import inspect
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pulumi_flyte
import pytest
from pulumi_flyte.arguments.app import AppArguments
from pulumi_flyte.arguments.declaration import fields_of

FILE = Path(__file__).parents[2] / "tools" / "docstrings.py"
COMPONENTS = ("App", "Task", "Secret", "Environment")


@pytest.fixture(scope="module")
def docstrings() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docstrings", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_they_are_what_the_declarations_say() -> None:
    done = subprocess.run([sys.executable, FILE, "--check"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"run `make docs`\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_argument_is_described(name: str) -> None:
    component = getattr(pulumi_flyte, name)
    text = inspect.getdoc(component.__init__) or ""
    assert text.partition("\n\n")[0].split() == (inspect.getdoc(component) or "").partition("\n\n")[0].split()
    assert [key for key in inspect.signature(component).parameters if f"\n    {key}: " not in text] == []


@pytest.mark.parametrize(
    "former", ["", '        """Former.\n\n        Args:\n            gone: An argument.\n        """\n']
)
def test_a_docstring_is_added_or_replaced_and_the_rest_of_the_module_stays(docstrings: ModuleType, former: str) -> None:
    head = 'class App:\n    """A service.\n\n    More of it.\n    """\n\n    def __init__(self) -> None:\n'
    body = "        self.port = 1\n"
    text = docstrings.with_arguments(f"{head}{former}{body}", "App", AppArguments)
    assert text.startswith(f'{head}        """A service.\n\n        Args:\n            resource_name: ')
    assert text.endswith(f'        """\n{body}')
    assert "gone" not in text
    assert all(f"\n            {key}: " in text for key in fields_of(AppArguments))
    assert docstrings.with_arguments(text, "App", AppArguments) == text
