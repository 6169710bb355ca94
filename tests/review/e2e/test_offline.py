"""The stand-in engine changes what the real engine changes."""

from __future__ import annotations

import os
import random
import time
from collections import Counter

import pytest

from tests.e2e.harness import Outcome, Stack
from tests.review.e2e.generated_stack import GeneratedStack
from tests.review.generated.edits import KINDS, edited, several
from tests.review.generated.programs import generated

COUNT = int(os.environ.get("OFFLINE_EDITS", str(len(KINDS))))


def operations(outcome: Outcome) -> dict[str, str]:
    """Return what the real engine does, by URN. A replacement has several steps."""
    steps: dict[str, str] = {}
    for event in outcome.events:
        metadata = event.get("resourcePreEvent", {}).get("metadata")
        if metadata is not None and metadata["op"] not in ("same", "read"):
            is_replaced = "replac" in metadata["op"]
            steps[metadata["urn"]] = "replace" if is_replaced else metadata["op"]
    return steps


@pytest.mark.parametrize("seed", [int(os.environ.get("OFFLINE_SEED", "1"))])
def test_the_changed_set_is_that_of_the_real_preview(stack: Stack, seed: int) -> None:
    chance = random.Random(seed)
    program = generated(chance)
    runs = GeneratedStack(stack)
    runs.write(program)
    deployed = stack.up()
    assert deployed.code == 0, deployed.text
    runs.commit()
    times: list[float] = []
    seen: Counter[str] = Counter()
    for number in range(COUNT):
        edits = [KINDS[number](chance, program)] if number < len(KINDS) else several(chance, program, 2)
        names = [edit.name for edit in edits]
        runs.write(edited(program, edits))
        start = time.perf_counter()
        real = operations(runs.preview())
        middle = time.perf_counter()
        stand_in = {step.urn: step.operation for step in runs.offline().steps if step.operation not in ("same", "read")}
        times.append((time.perf_counter() - middle) / (middle - start))
        assert stand_in == real, f"{names}: only in one of them {set(stand_in.items()) ^ set(real.items())}"
        seen[f"{len(real)} changes"] += 1
    print(dict(seen), "offline ÷ preview, median:", sorted(times)[len(times) // 2])
    stack.destroy()
