"""Events between a review and its update come in any order. Only a stale review is refused."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pulumi_flyte_provider.properties.values import reveal
from pulumi_flyte_review.binding.review import Operations, Review, Reviewed
from pulumi_flyte_review.binding.staleness import refusal, staleness
from pulumi_flyte_review.binding.token import Token
from pulumi_flyte_review.errors import StaleReviewError
from pulumi_flyte_review.model.preview import Step
from pulumi_flyte_review.model.report import Report

from tests.review.binding.world import FLYTE_SECRET, THING, Resource, World

Event = Callable[[random.Random, World], World]


def program_moves(chance: random.Random, world: World) -> World:
    """Somebody edits a resource of the program, adds one, or removes one."""
    name = chance.choice(list(world.program))
    program = dict(world.program)
    kind = chance.choice(["edit", "edit", "edit", "add", "remove"])
    if kind == "edit":
        program[name] = replace(program[name], code=chance.randrange(3))
    elif kind == "add":
        program[f"extra{chance.randrange(2)}"] = Resource(THING, chance.randrange(2))
    elif len(program) > 2:
        del program[name]
    return replace(world, program=program)


def configuration_moves(chance: random.Random, world: World) -> World:
    """Somebody sets a value that a resource may read, or one that nothing reads."""
    key = chance.choice(["a", "b", "unused"])
    return replace(world, configuration={**world.configuration, key: str(chance.randrange(3))})


def secret_moves(chance: random.Random, world: World) -> World:
    """Somebody sets a secret, perhaps to the value that it had."""
    return world.set_secret(chance.choice(["k", "l"]), str(chance.randrange(3)))


def state_moves(chance: random.Random, world: World) -> World:
    """Somebody deploys another version of the program, or another configuration, from another machine."""
    other = chance.choice([program_moves, configuration_moves])(chance, world)
    return replace(world, state=other.deployed().state)


def unrelated_moves(chance: random.Random, world: World) -> World:
    """Somebody sets a value that nothing reads."""
    return replace(world, configuration={**world.configuration, "unused": str(chance.randrange(9))})


def world_drifts(chance: random.Random, world: World) -> World:
    """Somebody changes a resource, or changes it back, outside of Pulumi."""
    name = chance.choice(list(world.program))
    return replace(world, live={**world.live, name: chance.choice([1, 2, 3])})


EVENTS: tuple[Event, ...] = (
    program_moves,
    configuration_moves,
    secret_moves,
    state_moves,
    unrelated_moves,
    world_drifts,
)


def generated(chance: random.Random) -> World:
    """Return a world with a deployed state, and a program that differs from it."""
    program = {
        "plain": Resource(THING, 0),
        "reads-a": Resource(THING, 0, "a"),
        "reads-b": Resource(THING, 0, "b"),
        "secret": Resource(FLYTE_SECRET, 0, "k", is_secret=True),
        "holder": Resource(THING, 0, "l", is_secret=True),
    }
    world = World(program, {"a": "0", "b": "0", "unused": "0"})
    world = world.set_secret("k", "0").set_secret("l", "0")
    if chance.random() < 0.2:
        del program["secret"]  # so that it is new in the review
    world = replace(world, program=program).deployed()
    program.setdefault("secret", Resource(FLYTE_SECRET, 0, "k", is_secret=True))
    for event in chance.sample(EVENTS, chance.randrange(1, 4)):
        world = event(chance, world)
    return world


def truth(world: World, *, refresh: bool) -> Any:
    """Return what a reviewer approves of, with the real values of secrets: what changes, from what, to what.

    A secret that is new, or that is not Flyte's, cannot be told from another value: then each setting of one counts.
    """
    steps = [step for step in world.preview(refresh=refresh).steps if step.operation not in ("same", "read")]
    values = {**world.configuration, **world.secrets}
    reads = {name: values.get(resource.key or "") for name, resource in world.program.items()}
    state = {each.urn: reveal(each.inputs) for each in world.state}
    changes = [(step.urn, step.operation, step.after, reads.get(step.name), state.get(step.urn)) for step in steps]
    lives = [(step.urn, step.live) for step in steps]
    hidden = any(is_hidden(step) for step in steps)
    return sorted(map(str, [*changes, *lives])), sorted(world.encryptions.items()) if hidden else None


def is_hidden(step: Step) -> bool:
    """Return whether a secret value comes with a step that does not tell which."""
    if step.type == FLYTE_SECRET:
        return step.operation == "create"
    moved = {each.path for each in step.properties}
    return step.name == "holder" and (step.operation == "create" or (step.operation == "update" and "value" in moved))


def test_every_stale_review_is_refused_and_no_other() -> None:
    outcomes = interleaved(200)
    assert min(outcomes.values()) > 20, outcomes


@pytest.mark.soak
def test_every_stale_review_of_5000_interleavings_is_refused_and_no_other() -> None:
    print(dict(interleaved(5000)))


def interleaved(count: int) -> Counter[str]:
    """Review, let things happen in a random order, and compare the refusal with the truth."""
    outcomes: Counter[str] = Counter()
    for seed in range(count):
        chance = random.Random(seed)
        world, refresh = generated(chance), chance.random() < 0.5
        token = Token.parse(str(world.token(refresh=refresh)))
        before = truth(world, refresh=refresh)
        events = [chance.choice(EVENTS) for _ in range(chance.randrange(0, 5))]
        for event in events:
            world = event(chance, world)
        is_stale = truth(world, refresh=refresh) != before
        reason = refusal(Review(token), world.token(refresh=refresh), dict)
        names = [event.__name__ for event in events]
        assert (reason is not None) == is_stale, f"seed {seed}, {names}: stale is {is_stale}, and the refusal {reason}"
        outcomes["stale and refused" if is_stale else "fresh and applied"] += 1
    return outcomes


MOVES: dict[str, Event] = {
    "program": lambda _, world: replace(world, program={**world.program, "plain": Resource(THING, 9)}),
    "configuration": lambda _, world: replace(world, configuration={**world.configuration, "a": "9"}),
    "state": lambda _, world: replace(world, state=with_value(world, "7").deployed().state),
    "live": lambda _, world: replace(world, live={"reads-a": 9}),
}


def with_value(world: World, value: str) -> World:
    return replace(world, configuration={**world.configuration, "a": value})


@pytest.mark.parametrize("part", MOVES)
def test_the_part_that_changed_is_named(part: str) -> None:
    chance = random.Random(0)
    world = with_value(generated(chance).deployed(), "5")
    stale = staleness(world.token(refresh=True), MOVES[part](chance, world).token(refresh=True))
    assert [name for name in MOVES if getattr(stale, name)] == [part]


def test_a_secret_that_was_set_to_another_value_is_stale_although_both_are_hidden() -> None:
    world = generated(random.Random(0)).deployed().set_secret("k", "first")
    for value, is_stale in (("second", True), ("first", False)):
        stale = staleness(world.token(refresh=False), world.set_secret("k", value).token(refresh=False))
        assert bool(stale) == is_stale


def operations(**names: str) -> Operations:
    return {f"urn:{name}": Reviewed(f"app {name}", operation) for name, operation in names.items()}


def test_a_refusal_names_what_differs_from_the_report() -> None:
    world = with_value(generated(random.Random(0)).deployed(), "5")
    review = Review(world.token(refresh=False), operations(a="update", b="delete", c="update"))
    now = operations(a="replace", c="update", d="create")
    text = refusal(review, with_value(world, "6").token(refresh=False), lambda: now)
    assert text is not None
    assert "- the stack's configuration" in text
    assert "- app a: replace, which was reviewed as update\n- app b: no delete any more\n- app d: create, which" in text
    assert "Nothing was changed. Review it again: `pulumi-flyte diff`" in text


@pytest.mark.parametrize("text", ["", "r1.a.b", "r2.a.b.c.d.e.-.-", "r1.a.b.c.d.e.f.g!", "x" * 99])
def test_a_text_that_is_no_token_is_one_message(text: str) -> None:
    with pytest.raises(StaleReviewError, match="not the token of a review"):
        Token.parse(text)


def test_a_report_of_two_checkouts_binds_nothing() -> None:
    with pytest.raises(StaleReviewError, match="has no token"):
        Review.of_report(Report("shop", "dev"))
