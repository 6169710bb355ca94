"""Events between a review and its update, on the real engine. Only a stale review is refused."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.e2e.harness import Stack
from tests.review.e2e.command import apply, pulumi_flyte, reviewed
from tests.review.e2e.generated_stack import GeneratedStack
from tests.review.generated.programs import App, Program

Event = Callable[[GeneratedStack, Program, int], Program]


def program_moves(runs: GeneratedStack, program: Program, number: int) -> Program:
    """Somebody edits what changes."""
    return edition(program, "web", 100 + number)


def configuration_moves(runs: GeneratedStack, program: Program, number: int) -> Program:
    """Somebody sets a key that an app reads."""
    return replace(program, configuration={**program.configuration, "greeting": f"hello {number}"})


def secret_moves(runs: GeneratedStack, program: Program, number: int) -> Program:
    """Somebody sets the secret to another value."""
    return replace(program, secrets={"key0": program.secrets["key0"] + 1})


def state_moves(runs: GeneratedStack, program: Program, number: int) -> Program:
    """Somebody deploys another edition of what changes, and does not commit it."""
    runs.write(edition(program, "web", 200 + number))
    outcome = runs.stack.up()
    assert outcome.code == 0, outcome.text
    return program


def unrelated_moves(runs: GeneratedStack, program: Program, number: int) -> Program:
    """Somebody sets a key that nothing reads."""
    return replace(program, configuration={**program.configuration, "unused": str(number)})


STALE: tuple[Event, ...] = (program_moves, configuration_moves, secret_moves, state_moves)


def edition(program: Program, module: str, number: int) -> Program:
    return replace(program, numbers={**program.numbers, module: number})


def test_a_stale_review_is_refused_and_a_fresh_one_applied(stack: Stack) -> None:
    interleave(GeneratedStack(stack), [[unrelated_moves], [state_moves]])


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_the_stale_ones_of_40_reviews_are_refused(stack: Stack) -> None:
    chance = random.Random(1)
    stories = [
        [chance.choice([*STALE, unrelated_moves, unrelated_moves]) for _ in range(chance.choice([0, 1, 1, 2]))]
        for _ in range(40)
    ]
    print(dict(interleave(GeneratedStack(stack), stories)))


def interleave(runs: GeneratedStack, stories: list[list[Event]]) -> Counter[str]:
    """Review an edit, let each story happen, and apply."""
    stack = runs.stack
    apps = {"web": App("web", secrets=("key0",), key="greeting"), "front": App("front", callees=("web",))}
    program = Program(apps, {}, {"key0": 0}, {"web": 0, "front": 0}, {"greeting": "hello", "unused": "0"})
    runs.write(program)
    assert stack.up().code == 0
    outcomes: Counter[str] = Counter()
    for number, story in enumerate(stories, start=1):
        where = f"story {number}: {[event.__name__ for event in story]}"
        program = edition(program, "web", number)
        runs.write(program)
        report = reviewed(stack)
        for event in story:
            program = event(runs, program, number)
        runs.write(program)
        before = resources(stack)
        answer = apply(stack, report["token"])
        if any(event in STALE for event in story):
            assert answer.code == 1, f"{where}: applied"
            assert "what was reviewed has changed since" in answer.errors, f"{where}: {answer.errors}"
            assert resources(stack) == before, f"{where}: refused, and changed"
            outcomes["stale and refused"] += 1
        else:
            assert answer.code == 0, f"{where}: {answer.errors}"
            reported = {urn for change in report["changes"] for urn in (change["urn"], *change["resources"])}
            assert changed(before, resources(stack)) <= reported, f"{where}: more was changed than the report names"
            assert pulumi_flyte(stack, "diff", "--stack", stack.name).code == 0, f"{where}: not all was applied"
            outcomes["fresh and applied"] += 1
    stack.destroy()
    return outcomes


def resources(stack: Stack) -> Any:
    """Return the state's resources."""
    return stack.export()["deployment"]["resources"]


def changed(before: Any, after: Any) -> set[str]:
    """Return the URNs whose inputs or outputs differ between two states.

    Manifests are left out: an environment's has the configuration, also of keys that nothing reads.
    """
    contents = [
        {each["urn"]: (plain(each.get("inputs")), plain(each.get("outputs"))) for each in state}
        for state in (before, after)
    ]
    return {urn for urn in {*contents[0], *contents[1]} if contents[0].get(urn) != contents[1].get(urn)}


def plain(value: Any) -> Any:
    """Return properties without manifests and ciphertexts. Each update encrypts a secret anew."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in ("manifest", "ciphertext")}
    return [plain(item) for item in value] if isinstance(value, list) else value
