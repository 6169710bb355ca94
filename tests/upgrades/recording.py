"""`make release-states`: deploys the cases with this checkout, and keeps what that leaves as the states of its version.

A folder of a case has the program with its configuration, and one of these:

- state.json: the export of the stack. Secrets are encrypted with the passphrase "", the one of the tests.
- declarations.json: all that the program declares, under the stand-in engine, where no cluster is at hand.
- world.json: what is on the stand-in for Flyte OSS.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from pulumi_flyte.version import VERSION
from pulumi_flyte_review.engine.offline.process import declarations

from tests.upgrades.cases import CASES, Case
from tests.upgrades.releases import FOLDER
from tests.upgrades.stacks import (
    CONFIGURATION,
    DECLARATIONS,
    PROGRAM,
    STATE,
    WORLD,
    ReleasedStack,
    flyte_platform,
    side_of,
)
from tests.upgrades.worlds import document_of, shop

# Paths of this machine, which the engine only shows.
POSITIONS = ("sourcePosition", "stackTrace")


def main() -> int:
    """Record all cases. A released version keeps its states: git has them."""
    changelog = (FOLDER.parents[1] / "CHANGELOG.md").read_text()
    if re.search(rf"^## {re.escape(VERSION)} \(unreleased\)", changelog, re.MULTILINE) is None:
        print(f"CHANGELOG.md has no section `## {VERSION} (unreleased)`: a release keeps its states", file=sys.stderr)
        return 1
    release = FOLDER / VERSION
    shutil.rmtree(release, ignore_errors=True)
    release.mkdir()
    shutil.copy(FOLDER.parents[1] / "sdk" / "schema.json", release)
    for case in CASES:
        print(f"{VERSION} {case.name}", flush=True)
        record(case, release / case.name)
    return 0


def record(case: Case, target: Path) -> None:
    """Write the folder of a case."""
    program = target / PROGRAM
    for name, text in case.files.items():
        (program / name).parent.mkdir(parents=True, exist_ok=True)
        (program / name).write_text(text)
    with tempfile.TemporaryDirectory() as folder:
        stack = ReleasedStack(Path(folder) / "stack")
        try:
            stack.take(program)
            stack.pulumi("stack", "init", stack.name, check=True)
            stack.configure(case.config)
            stack.configure(case.secrets, secret=True)
            shutil.copy(stack.folder / CONFIGURATION, program)
            _RECORDERS[case.name](stack, target)
        finally:
            stack.close()


def _record_declarations(stack: ReleasedStack, target: Path) -> None:
    _write(target / DECLARATIONS, list(declarations(side_of(stack.folder), stack.name)))


def _record_local(stack: ReleasedStack, target: Path) -> None:
    _up(stack)
    _write(target / STATE, _without_positions(stack.export()))
    assert stack.destroy().code == 0


def _record_flyte(stack: ReleasedStack, target: Path) -> None:
    with flyte_platform(shop()) as world:
        _up(stack)
        _write(target / STATE, _without_positions(stack.export()))
        _write(target / WORLD, document_of(world))


_RECORDERS = {
    "local": _record_local,
    "yaml": _record_local,
    "flyte": _record_flyte,
    "kubernetes": _record_declarations,
}


def _up(stack: ReleasedStack) -> None:
    outcome = stack.up()
    assert outcome.code == 0, outcome.text


def _without_positions(state: dict[str, Any]) -> dict[str, Any]:
    for resource in state["deployment"]["resources"]:
        for key in POSITIONS:
            resource.pop(key, None)
    return state


def _write(file: Path, document: object) -> None:
    file.write_text(f"{json.dumps(document, indent=1, sort_keys=True)}\n")


if __name__ == "__main__":
    sys.exit(main())
