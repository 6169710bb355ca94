"""A report names what the update then changes, on the real engine: edits of generated programs, and their way back."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from tests.e2e.harness import Stack, is_object
from tests.review.e2e.command import reviewed
from tests.review.e2e.generated_stack import GeneratedStack
from tests.review.generated import edits as edit_kinds
from tests.review.generated.edits import edited
from tests.review.generated.programs import Program, generated


def named(report: dict[str, Any]) -> set[str]:
    """Return the URNs of the objects that a report says will change."""
    return {urn for change in report["changes"] for urn in change["resources"] if is_object(urn)}


def update(runs: GeneratedStack, program: Program, where: str) -> int:
    """Review a program and deploy it, compare both, and return how many objects changed."""
    runs.write(program)
    report = reviewed(runs.stack)
    before = runs.stack.outputs()
    outcome = runs.stack.up()
    assert outcome.code == 0, f"{where}: {outcome.text}"
    changed = {urn for urn in outcome.steps if is_object(urn)}
    assert named(report) == changed, where
    assert report["others"] == {}, where
    after = runs.stack.outputs()
    moved = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    certain = {each["name"] for each in report["outputs"] if each["new"] != "[unknown]"}
    possible = {each["name"] for each in report["outputs"]}
    assert certain <= moved <= possible, where
    return len(changed)


def there_and_back(stack: Stack, sets: int, *, apps: int, tasks: int, sizes: range) -> Counter[str]:
    """Apply sets of edits of a generated program; each set is one update, and undoing it is another."""
    chance = random.Random(sets)
    program = generated(chance, apps=apps, tasks=tasks)
    runs = GeneratedStack(stack)
    runs.write(program)
    stack.deployed()
    outcomes: Counter[str] = Counter()
    for number in range(sets):
        edits = edit_kinds.several(chance, program, chance.choice(sizes))
        where = f"{number}: {[edit.name for edit in edits]}"
        outcomes["objects"] += update(runs, edited(program, edits), f"{where}, there")
        outcomes["objects"] += update(runs, program, f"{where}, back")
        outcomes["edits"] += 2 * len(edits)  # undoing an edit is an edit, too
        outcomes["updates"] += 2
        print(number, dict(outcomes), flush=True)
    stack.destroy()
    return outcomes


def test_an_update_changes_what_its_report_names(stack: Stack) -> None:
    assert there_and_back(stack, 1, apps=3, tasks=1, sizes=range(1, 3))["objects"] > 0


@pytest.mark.soak
@pytest.mark.timeout(14400)
def test_five_hundred_edits_change_what_their_reports_name(stack: Stack) -> None:
    outcomes = there_and_back(stack, 36, apps=6, tasks=3, sizes=range(8, 13))
    assert outcomes["edits"] >= 500, outcomes
