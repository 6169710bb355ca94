"""Private names of Flyte's SDK, Pulumi's SDK and uvicorn are used in one module per package and room, nowhere else.

Such a module is called `flyte_internals.py`, `pulumi_internals.py` or `uvicorn_internals.py`. The other modules call
its functions and derive from its classes. uvicorn documents few names, so every other name of it is private as well.
"""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import inspect
import pkgutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.private_names import (
    PACKAGES,
    Finding,
    by_import,
    by_text,
    is_private,
    may_use_private_names,
    of_other_packages,
    of_strangers,
    package_of,
    tree_of,
)

ROOT = Path(__file__).resolve().parent.parent
HOUSES = {
    "flyte_runtime": ROOT / "runtime" / "flyte_runtime",
    "flyte_local": ROOT / "local" / "flyte_local",
    "pulumi_flyte": ROOT / "components" / "pulumi_flyte",
    "pulumi_flyte_provider": ROOT / "provider" / "pulumi_flyte_provider",
    "pulumi_flyte_review": ROOT / "review" / "pulumi_flyte_review",
}
AROUND = ("tests", "benchmarks", "tools", "examples")
# Modules that are run, and not imported.
SCRIPTS = (".__main__", ".warm.worker", ".source.reader.")


def modules_of(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.py")) if "node_modules" not in path.parts]


def shipped() -> list[Path]:
    return [path for house in HOUSES.values() for path in modules_of(house)]


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_private_names_are_used_behind_the_fences_only() -> None:
    problems = []
    for path in [*shipped(), *(path for name in AROUND for path in modules_of(ROOT / name))]:
        if not may_use_private_names(path):
            continue
        # Tests write programs and commands, as somebody else would write them.
        texts = [] if path.is_relative_to(ROOT / "tests") else by_text(tree_of(path))
        findings = of_other_packages(path, [*by_import(tree_of(path)), *texts])
        problems += sorted({f"{place(path)}:{line} uses {name}" for line, name in findings})
    assert problems == []


@pytest.mark.parametrize("distribution", HOUSES)
def test_no_module_uses_a_private_attribute_of_an_object_that_is_not_ours(distribution: str) -> None:
    house = HOUSES[distribution]
    assert [
        f"{place(path)}:{line} uses {name}"
        for path in modules_of(house)
        if not package_of(path)
        for line, name in of_strangers(tree_of(path), house)
    ] == []


@pytest.mark.parametrize("distribution", HOUSES)
def test_a_room_has_one_fence_for_a_package(distribution: str) -> None:
    house = HOUSES[distribution]
    fences = [path.relative_to(house) for path in modules_of(house) if package_of(path)]
    assert {package_of(path) for path in fences} <= set(PACKAGES)
    assert fences == [] or max(Counter((path.parts[0], path.name) for path in fences).values()) == 1


@pytest.mark.parametrize("fence", [path for path in shipped() if package_of(path)], ids=place)
def test_a_fence_says_what_it_was_checked_with_and_what_would_let_it_go(fence: Path) -> None:
    package = package_of(fence)
    assert package
    about = " ".join((ast.get_docstring(tree_of(fence)) or "").split())
    minor = ".".join(importlib.metadata.version(package).split(".")[:2])
    assert f"Checked with {package} {minor}." in about
    everything = " ".join(fence.read_text().split())
    assert "github.com/" in everything or "no upstream issue" in everything
    for node in tree_of(fence).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not is_private(node.name):
            assert ast.get_docstring(node), f"{place(fence)}:{node.lineno} {node.name} does not say what it is for"


def classes() -> Iterator[tuple[str, type]]:
    """The classes that are defined outside of the fences."""
    for distribution, house in HOUSES.items():
        for found in pkgutil.walk_packages([str(house)], f"{distribution}."):
            if any(part in f"{found.name}." for part in (f"{script.rstrip('.')}." for script in SCRIPTS)):
                continue
            module = importlib.import_module(found.name)
            if package_of(Path(str(module.__file__))) is None:
                yield from ((found.name, cls) for cls in vars(module).values() if inspect.isclass(cls))


def test_no_class_overrides_a_private_method_of_a_base_that_is_not_ours() -> None:
    problems = {
        f"{module}.{cls.__name__}.{name} overrides {base.__module__}.{base.__name__}'s"
        for module, cls in classes()
        if cls.__module__ == module
        for base in cls.__mro__[1:]
        if base.__module__.partition(".")[0] in PACKAGES
        for name, member in vars(cls).items()
        if is_private(name) and name in vars(base) and inspect.isroutine(member)
    }
    assert problems == set()


def findings_in(code: str) -> list[Finding]:
    tree, path = ast.parse(code), HOUSES["flyte_local"] / "somewhere.py"
    return [*of_other_packages(path, [*by_import(tree), *by_text(tree)]), *of_strangers(tree, HOUSES["flyte_local"])]


REFUSED = {
    "import flyte._initialize": "flyte._initialize",
    "from flyte._deploy import deploy": "flyte._deploy.deploy",
    "import flyte\nflyte._initialize.get_client()": "flyte._initialize",
    "from flyte.syncify import syncify\nsyncify._bg_loop": "flyte.syncify.syncify._bg_loop",
    "import pulumi.runtime.rpc as rpc\nrpc._special_sig_key": "pulumi.runtime.rpc._special_sig_key",
    "import pulumi\npulumi.Output._from_data(1)": "pulumi.Output._from_data",
    "from uvicorn.protocols.utils import ClientDisconnected": "uvicorn.protocols.utils.ClientDisconnected",
    "import uvicorn\nclass S(uvicorn.Server): pass": "uvicorn.<a subclass of Server>",
    "import_module('flyte._bin.runtime')": "flyte._bin",
    "command = ['python', '-m', 'uvicorn.lifespan.on']": "uvicorn.lifespan",
    "environment._declaring_file": "…._declaring_file",
    "getattr(image, '_layers')": "…._layers",
    "setattr(image, '_layers', 1)": "…._layers",
    "vars(image)['_layers']": "…._layers",
    "self._start_asgi_task(1)": "…._start_asgi_task",
}


@pytest.mark.parametrize(("code", "name"), REFUSED.items())
def test_a_private_name_is_seen(code: str, name: str) -> None:
    assert any(seen.startswith(name) for _, seen in findings_in(code)), findings_in(code)


ALLOWED = (
    "import uvicorn\nuvicorn.Config(app)\nuvicorn.__version__",
    "import logging\nlogging.getLogger('uvicorn.error')",
    "from flyte.remote import Run\nRun.listall",
    "import pulumi\npulumi.Output.from_input(1)",
)


@pytest.mark.parametrize("code", ALLOWED)
def test_a_public_name_is_left_alone(code: str) -> None:
    assert findings_in(code) == []
