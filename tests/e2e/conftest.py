"""Fixtures of the tests on the real engine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import npm
from tests.e2e.harness import ROOT, TOOLS_BIN, Stack

NODE = ROOT / "tools" / "nodejs"  # the pinned compiler and SDK


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.e2e)
            # Whole stories of a stack: minutes, on a machine that also does something else.
            item.add_marker(pytest.mark.timeout(1200))


@pytest.fixture
def make_stack(tmp_path: Path) -> Iterator[Callable[..., Stack]]:
    """Makes stacks; what they left running is ended after the test."""
    made: list[Stack] = []

    def make(**settings: object) -> Stack:
        stack = Stack(tmp_path / f"stack{len(made)}", **settings)  # type: ignore[arg-type]
        made.append(stack)
        return stack

    yield make
    for stack in made:
        stack.close()


@pytest.fixture
def stack(make_stack: Callable[..., Stack]) -> Stack:
    """One stack, not yet initialised."""
    return make_stack()


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pulumi's SDK for Node.js and our package from sdk/nodejs, installed once per run."""
    folder = tmp_path_factory.mktemp("node")
    assert (TOOLS_BIN / "pulumi-language-nodejs").exists() or shutil.which("pulumi-language-nodejs"), (
        "tools/build --all"
    )
    npm.installed(NODE, folder)
    source = folder / "flyte"
    shutil.copytree(ROOT / "sdk" / "nodejs", source, ignore=shutil.ignore_patterns("node_modules", "bin"))
    (source / "node_modules").symlink_to(folder / "node_modules")
    package = folder / "node_modules" / "@pulumi-flyte" / "flyte"
    run_in(folder, "npx", "tsc", "--project", "flyte", "--outDir", str(package))
    shutil.copy(source / "package.json", package)
    return folder / "node_modules"


def run_in(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
