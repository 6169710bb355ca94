"""The stand-in engine changes what the real engine changes."""

from __future__ import annotations

import random
import time

import pytest

from tests.e2e.harness import Outcome, Stack
from tests.review.e2e.generated_stack import GeneratedStack
from tests.review.generated.edits import KINDS, edited, several
from tests.review.generated.programs import generated


def operations(outcome: Outcome) -> dict[str, str]:
    """Return what the real engine does, by URN. A replacement has several steps."""
    steps: dict[str, str] = {}
    for event in outcome.events:
        metadata = event.get("resourcePreEvent", {}).get("metadata")
        if metadata is not None and metadata["op"] not in ("same", "read"):
            is_replaced = "replac" in metadata["op"]
            steps[metadata["urn"]] = "replace" if is_replaced else metadata["op"]
    return steps


def test_the_changed_set_is_that_of_the_real_preview(stack: Stack) -> None:
    compare(GeneratedStack(stack), seed=1, count=3)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_the_changed_sets_of_40_edits_are_those_of_the_real_preview(stack: Stack) -> None:
    compare(GeneratedStack(stack), seed=2, count=40)


def compare(runs: GeneratedStack, seed: int, count: int) -> None:
    """Deploy a program, and preview edits of it by both engines."""
    chance = random.Random(seed)
    program = generated(chance)
    runs.write(program)
    deployed = runs.stack.up()
    assert deployed.code == 0, deployed.text
    runs.commit()
    times: list[float] = []
    kinds = chance.sample(KINDS, len(KINDS))
    for number in range(count):
        edits = [kinds[number](chance, program)] if number < len(kinds) else several(chance, program, 2)
        runs.write(edited(program, edits))
        start = time.perf_counter()
        real = operations(runs.preview())
        middle = time.perf_counter()
        stand_in = {step.urn: step.operation for step in runs.offline().steps if step.operation not in ("same", "read")}
        times.append((time.perf_counter() - middle) / (middle - start))
        differing = set(stand_in.items()) ^ set(real.items())
        assert not differing, f"seed {seed}, {[edit.name for edit in edits]}: only in one of them {differing}"
    print(f"{count} edits; offline ÷ preview: median {sorted(times)[len(times) // 2]:.2f}, at most {max(times):.2f}")
    runs.stack.destroy()
