"""Each distribution declares the packages that it imports, and no other."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
FOLDERS = {
    "flyte-runtime": ("runtime/flyte_runtime",),
    "flyte-local": ("local/flyte_local",),
    "pulumi-flyte": ("components/pulumi_flyte", "provider/pulumi_flyte_provider", "review/pulumi_flyte_review"),
}
# Packages that belong to another one, which is declared: a part of it, the library of its messages, or an extra of it.
PARTS = {"pydantic-core": "pydantic", "connectrpc": "flyteidl2", "httptools": "uvicorn", "uvloop": "uvicorn"}
# What an app or a task brings itself. The modules that import it are imported by such an app or task alone.
BROUGHT = {"starlette", "flyte", "flyteidl2"}
# Its resources are declared by their tokens, without its classes. Pulumi needs the package to find the plugin.
BY_TOKEN = {"pulumi-kubernetes"}
# Folders of files that are put on a task's or an app's path, and run where Flyte's SDK is.
RUN_ELSEWHERE = ("task_path", "app_path")


OURS = {"flyte_runtime", "flyte_local"}  # an editable installation lists no files
PROVIDERS = importlib.metadata.packages_distributions()


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(distribution: str) -> dict[str, bool]:
    """Return the packages that a distribution requires, and whether every installation has them."""
    texts = importlib.metadata.requires(distribution) or []
    return {normal(each.name): each.marker is None for each in map(Requirement, texts)}


def imported(nodes: list[ast.stmt]) -> Iterator[str]:
    """Yield the modules that are imported when a module is."""
    for node in nodes:
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module
            case ast.Try(body=body):
                yield from imported(body)


def everywhere(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from imported([node])


def packages(modules: Iterator[str]) -> Iterator[str]:
    """Yield the packages on the index that modules are of. `google` is a folder of many packages, and says nothing."""
    for module in modules:
        top = module.partition(".")[0]
        if top in OURS:
            yield normal(top)
        if top in sys.stdlib_module_names or top == "google":
            continue
        yield from {PARTS.get(normal(each), normal(each)) for each in PROVIDERS.get(top, [])}


def modules(distribution: str) -> Iterator[ast.Module]:
    for folder in FOLDERS[distribution]:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not set(RUN_ELSEWHERE) & set(path.parts):
                yield ast.parse(path.read_text())


@pytest.mark.parametrize("distribution", FOLDERS)
def test_what_is_imported_with_a_module_is_required(distribution: str) -> None:
    required = {name for name, always in declared(distribution).items() if always}
    used = {package for tree in modules(distribution) for package in packages(imported(tree.body))}
    assert used - required - {distribution} - (BROUGHT if distribution == "flyte-runtime" else set()) == set()


@pytest.mark.parametrize("distribution", FOLDERS)
def test_what_is_required_is_imported(distribution: str) -> None:
    used = {package for tree in modules(distribution) for package in packages(everywhere(tree))}
    messages = {"protobuf"}  # imported as `google.protobuf`
    assert set(declared(distribution)) - used - messages - BY_TOKEN == set()
