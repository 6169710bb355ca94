"""Edits of the real schema: each breaking one is named with its property, and nothing else is."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.tools.schema_changes.mutations import Breaks, Mutation, all_mutations, mutated
from tests.tools.schema_changes.schema_tools import flagged
from tools.schema_changes.change import Kind
from tools.schema_changes.comparison import breaking_changes
from tools.schema_changes.package import Package

SCHEMA: dict[str, Any] = json.loads(Path(__file__).parents[3].joinpath("sdk", "schema.json").read_text())
MUTATIONS = tuple(all_mutations(SCHEMA))
RELEASED = Package.model_validate(SCHEMA)
KINDS_OF_OTHER_SCHEMAS = {Kind.ALIAS_REMOVED, Kind.METHOD_REMOVED, Kind.SIGNATURE}


def named(*mutations: Mutation) -> Breaks:
    """Return the paths and kinds that the comparison names."""
    changes = breaking_changes(RELEASED, Package.model_validate(mutated(SCHEMA, *mutations)))
    return frozenset((change.path, change.kind) for change in changes)


def wrong(mutations: Iterable[Mutation]) -> list[str]:
    """Return the edits whose breaking changes are not named exactly."""
    return [f"{each.title}: {sorted(named(each), key=str)}" for each in mutations if named(each) != each.breaks]


def test_the_edits_make_every_kind_of_breaking_change_and_harmless_ones() -> None:
    kinds = {kind for each in MUTATIONS for _, kind in each.breaks}
    assert set(Kind) - kinds == KINDS_OF_OTHER_SCHEMAS
    assert sum(not each.breaks for each in MUTATIONS) > 1000
    assert sum(bool(each.breaks) for each in MUTATIONS) > 3000


def test_an_edit_is_named_if_and_only_if_it_breaks_users() -> None:
    assert not wrong(random.Random(1).sample(MUTATIONS, 150))


def test_all_breaking_edits_of_one_version_are_named_together() -> None:
    generator = random.Random(2)
    for _ in range(15):
        mutations: list[Mutation] = []
        # An edit of a token would hide the edits of its properties.
        for each in generator.sample(
            [each for each in MUTATIONS if each.place.count(":") != 2 or "." in each.place], 40
        ):
            if each.place not in {other.place for other in mutations}:
                mutations.append(each)
        expected = frozenset().union(*(each.breaks for each in mutations))
        assert named(*mutations) == expected, [each.title for each in mutations]


def test_what_pulumis_own_tool_calls_breaking_is_named() -> None:
    for each in random.Random(3).sample(MUTATIONS, 100):
        tokens = {path.split(".")[0] for path, _ in named(each)}
        assert flagged(SCHEMA, mutated(SCHEMA, each)) <= tokens, each.title


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_every_edit_of_every_property() -> None:
    assert not wrong(MUTATIONS)
    missed = [
        each.title
        for each in MUTATIONS
        if not flagged(SCHEMA, mutated(SCHEMA, each)) <= {path.split(".")[0] for path, _ in each.breaks}
    ]
    assert not missed
    print(
        f"{len(MUTATIONS)} edits, {sum(bool(each.breaks) for each in MUTATIONS)} of them breaking: all named, no other"
    )
