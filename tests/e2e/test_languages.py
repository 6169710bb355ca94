"""One program in four languages: the same state, and no change when a stack changes its language."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.harness import ROOT, VENV_BIN, Stack, plugin_path
from tests.e2e.programs import EVERYTHING, KEY, SHOP
from tests.review.e2e.command import pulumi_flyte

PROGRAMS = Path(__file__).parent / "languages"
RUNTIMES = {"python": "python", "typescript": "nodejs", "go": "go", "yaml": "yaml"}
CREDENTIAL = "webhook-calls-backend-api"
DEPLOYED = EVERYTHING | {
    "flyte:api:AuthKey::backend-api",
    f"flyte:api:EdgeCredential::{CREDENTIAL}",
    f"flyte:api:Secret::{CREDENTIAL}",
}
# What Pulumi writes by itself: times, the place of a registration in the program, and the record of an SDK of which
# resources a value came from. `provider` names the plugin as the language's package finds it.
WRITTEN_BY_PULUMI = frozenset(
    {"created", "modified", "sourcePosition", "stackTrace", "dependencies", "propertyDependencies", "provider"}
)


def walk() -> list[str]:
    """Return languages in such an order that each ordered pair of two languages is once next to each other."""
    path, unused = ["python"], {(a, b) for a in RUNTIMES for b in RUNTIMES if a != b}

    def extend() -> bool:
        if not unused:
            return True
        for pair in sorted(unused):
            if pair[0] == path[-1]:
                unused.remove(pair)
                path.append(pair[1])
                if extend():
                    return True
                unused.add(pair)
                path.pop()
        return False

    assert extend()
    return path


ROUND = (*RUNTIMES, "python")


@pytest.fixture
def shop(stack: Stack, node_modules: Path) -> Stack:
    """A stack with a folder for each language, which has the program, the sources and the stack's configuration."""
    stack.init()
    stack.configure({"webhookApiKey": KEY}, secret=True)
    config = (stack.folder / "Pulumi.dev.yaml").read_text()
    for language, runtime in RUNTIMES.items():
        stack.folder = folder = stack.base / language
        shutil.copytree(PROGRAMS / language, folder)
        program = folder / "Pulumi.yaml"
        rest = program.read_text() if program.exists() else ""
        sources = {name: content for name, content in SHOP.items() if name != "__main__.py"}
        head = f"name: shop\nruntime: {runtime}\n{plugin_path()}"
        stack.write({**sources, "Pulumi.yaml": f"{head}{rest}", "Pulumi.dev.yaml": config})
    for name in ("package.json", "tsconfig.json"):
        shutil.copy(PROGRAMS.parent / "typescript" / name, stack.base / "typescript")
    (stack.base / "typescript" / "node_modules").symlink_to(node_modules)
    module = stack.base / "go" / "go.mod"
    module.write_text(module.read_text().replace("../../../../sdk/go", str(ROOT / "sdk" / "go")))
    return stack


def state(stack: Stack) -> dict[str, Any]:
    """Return the exported resources by URN, without what Pulumi writes by itself."""
    resources = stack.export("--stack", stack.name, "--show-secrets")["deployment"]["resources"]
    return {
        each["urn"]: {key: value for key, value in each.items() if key not in WRITTEN_BY_PULUMI}
        for each in resources
        if not each["type"].startswith("pulumi:providers:")
    }


def test_each_ordered_pair_of_languages_is_once_in_the_walk() -> None:
    path = walk()
    assert len(set(pairwise(path))) == len(path) - 1 == 12


@pytest.mark.parametrize("path", [ROUND, pytest.param(walk(), marks=pytest.mark.soak)], ids=["round", "every pair"])
def test_a_stack_changes_its_language_without_a_change(shop: Stack, path: Sequence[str]) -> None:
    """Each step is an update, which the engine refuses at the first change.

    The states are equal, so a round through the languages tells of all pairs. The long form goes from each to each
    other.
    """
    shop.folder = shop.base / path[0]
    assert shop.deployed().changed == DEPLOYED
    first = state(shop)
    for before, language in pairwise(path):
        shop.folder = shop.base / language
        outcome = shop.up("--expect-no-changes")
        assert outcome.code == 0, f"from {before} to {language}:\n{outcome.text}"
        assert outcome.changed == set(), f"from {before} to {language}"
        assert state(shop) == first, f"from {before} to {language}"
    assert shop.destroy().code == 0
    assert not shop.remaining()


def test_the_wiring_is_drawn_the_same_in_each_language(shop: Stack) -> None:
    """Python runs under the stand-in engine, and the others under the real one, on an empty stack."""
    graphs = {}
    for language in RUNTIMES:
        shop.folder = shop.base / language
        started = time.monotonic()
        answer = pulumi_flyte(shop, "graph", "--stack", shop.name, "--format", "json")
        print(f"{language}: {time.monotonic() - started:.1f} s")
        assert answer.code == 0, f"{language}: {answer.errors}"
        graphs[language] = answer.report
    assert graphs["python"]["edges"]
    assert all(graph == graphs["python"] for graph in graphs.values())


@pytest.fixture
def quickstart(make_stack: Callable[..., Stack], node_modules: Path) -> Stack:
    """A checkout with the quickstart in three languages, and a stack that they share."""
    stack = make_stack(project="quickstart")
    examples = stack.base / "examples"
    for name in ("quickstart", "quickstart-typescript", "quickstart-go"):
        shutil.copytree(
            ROOT / "examples" / name, examples / name, symlinks=True, ignore=shutil.ignore_patterns("*_modules")
        )
    (examples / "quickstart" / "Pulumi.yaml").write_text(f"name: quickstart\nruntime: python\n{plugin_path()}")
    (stack.base / "sdk").symlink_to(ROOT / "sdk")
    (stack.base / ".venv").symlink_to(VENV_BIN.parent)
    (examples / "quickstart-typescript" / "node_modules").symlink_to(node_modules)
    stack.folder = examples / "quickstart-typescript"
    stack.init()
    stack.configure({"webhookKey": KEY}, secret=True)
    configuration = stack.base / ".state" / "config"
    shutil.copytree(configuration / "quickstart-typescript", configuration / "quickstart-go")
    shutil.copy(configuration / "quickstart-typescript" / "Pulumi.dev.yaml", examples / "quickstart")
    return stack


def test_the_quickstart_in_typescript_and_go_is_that_in_python(quickstart: Stack) -> None:
    assert len(quickstart.deployed().changed) == 7
    addresses = quickstart.outputs()
    assert httpx.get(f"{addresses['gateway']}/healthz", timeout=60).status_code == 200
    for language in ("quickstart-go", "quickstart"):
        quickstart.folder = quickstart.folder.parent / language
        outcome = quickstart.preview("--expect-no-changes")
        assert outcome.code == 0, outcome.text
        assert outcome.changed == set(), outcome.text
    assert quickstart.destroy().code == 0
    assert not quickstart.remaining()


def test_the_compiler_of_go_finds_every_mistake(tmp_path: Path) -> None:
    program = (PROGRAMS / "mistakes" / "wrong.go").read_text()
    (tmp_path / "wrong.go").write_text(program)
    module = (PROGRAMS / "go" / "go.mod").read_text().replace("../../../../sdk/go", str(ROOT / "sdk" / "go"))
    (tmp_path / "go.mod").write_text(module)
    shutil.copy(PROGRAMS / "go" / "go.sum", tmp_path)
    command = ["go", "build", "-gcflags=-e", "-o", os.devnull, "."]
    environment = {**os.environ, "GOWORK": "off", "CGO_ENABLED": "0"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    lines = program.splitlines()
    mistakes = {number for number, line in enumerate(lines, start=1) if lines[number - 2].startswith("\t// a")}
    assert len(mistakes) == 15
    errors = re.findall(r"^\./wrong\.go:(\d+):", done.stderr, re.MULTILINE)
    assert {int(number) for number in errors} == mistakes, done.stderr
