"""Thirty stacks that use each other's outputs, and random changes of these: who breaks is known from the model."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest
from pulumi_flyte.naming.urns import STACK
from pulumi_flyte_review.consumers.breaks import breaks_of
from pulumi_flyte_review.consumers.reading import exports_by_stack, uses_by_others
from pulumi_flyte_review.consumers.uses import REFERENCE
from pulumi_flyte_review.model.preview import Json
from pulumi_flyte_review.model.urns import title_of

NUMBER = 30
KINDS = ("app", "task", "secret")


def name_of(number: int) -> str:
    return f"organization/p{number}/dev"


def link(kind: str, stack: int, name: str, domain: str = "development") -> dict[str, Json]:
    plane = {"platform": "local", "endpoint": "http://127.0.0.1:8480", "org": "local"}
    return {"kind": kind, "project": f"p{stack}", "domain": domain, "name": name, "controlPlane": plane}


@dataclass
class Model:
    """Exports by stack, and the uses: consumer, alias, stack, output, and whether by a StackLink."""

    exports: list[dict[str, Json]] = field(default_factory=list)
    uses: list[tuple[int, str, int, str, bool, Json]] = field(default_factory=list)

    def states(self, former: list[dict[str, Json]]) -> dict[str, list[dict[str, Json]]]:
        """Return the states: the consumers were updated while the others had their former exports."""
        return {name_of(number): self._resources(number, former) for number in range(len(self.exports))}

    def _resources(self, number: int, former: list[dict[str, Json]]) -> list[dict[str, Json]]:
        urn = f"urn:pulumi:dev::p{number}::"
        resources: list[dict[str, Json]] = [
            {"urn": f"{urn}{STACK}::p{number}-dev", "type": STACK, "custom": False, "outputs": self.exports[number]}
        ]
        root, apps = resources[0]["urn"], list[dict[str, Json]]()
        for consumer, alias, stack, output, by_link, value in self.uses:
            if consumer != number:
                continue
            argument = "secrets" if isinstance(value, dict) and value["kind"] == "secret" else "inputs"
            reference = f"{urn}{REFERENCE}::{name_of(stack)}"
            entry, dependencies = value, [reference]
            if by_link:
                assert isinstance(value, dict)
                entry, dependencies = {**value, "from": {"stack": name_of(stack), "output": output}}, []
            elif reference not in [each["urn"] for each in resources]:
                resources.append(self._reference(reference, root, stack, former[stack]))
            apps.append(
                {
                    "urn": f"{urn}flyte:index:App::{alias}",
                    "type": "flyte:index:App",
                    "custom": False,
                    "parent": root,
                    "inputs": {argument: {"X": entry}},
                    "dependencies": dependencies,
                    "propertyDependencies": {argument: dependencies},
                }
            )
        return [*resources, *apps]

    @staticmethod
    def _reference(urn: str, root: Json, stack: int, exports: dict[str, Json]) -> dict[str, Json]:
        """Return the resource of a StackReference."""
        name = name_of(stack)
        outputs: dict[str, Json] = {"name": name, "outputs": exports, "secretOutputNames": []}
        return {
            "urn": urn,
            "type": REFERENCE,
            "custom": True,
            "id": name,
            "external": True,
            "parent": root,
            "inputs": {"name": name},
            "outputs": outputs,
        }


def generated(chance: random.Random) -> Model:
    model = Model()
    for stack in range(NUMBER):
        names = [f"out{index}" for index in range(chance.randint(0, 6))]
        model.exports.append(
            {
                name: f"text of {stack} {name}" if chance.random() < 0.2 else link(chance.choice(KINDS), stack, name)
                for name in names
            }
        )
    for consumer in range(NUMBER):
        for index in range(chance.randint(0, 4)):
            stack = chance.randrange(NUMBER)
            if stack != consumer and model.exports[stack]:
                output = chance.choice(sorted(model.exports[stack]))
                value = model.exports[stack][output]
                by_link = isinstance(value, dict) and chance.random() < 0.5
                model.uses.append((consumer, f"web{index}", stack, output, by_link, value))
    return model


def changed(model: Model, chance: random.Random) -> set[tuple[int, str]]:
    """Remove, rename, replace and add outputs. Return those that a user of them misses."""
    gone: set[tuple[int, str]] = set()
    for stack, exports in enumerate(model.exports):
        for name in sorted(exports):
            value, what = exports[name], chance.random()
            if what < 0.1:
                del exports[name]
                gone.add((stack, name))
            elif what < 0.2:
                exports[f"{name}-new"] = exports.pop(name)
                gone.add((stack, name))
            elif what < 0.25 and isinstance(value, dict):
                other = KINDS[(KINDS.index(str(value["kind"])) + 1) % 3]
                exports[name] = {**value, "kind": other}
                gone.add((stack, name))
            elif what < 0.35 and isinstance(value, dict):
                exports[name] = {**value, "version": "another", "name": f"{value['name']}-moved"}
            elif what < 0.4:
                exports[f"{name}-more"] = "text"
    return gone


def expected_breaks(model: Model, gone: set[tuple[int, str]]) -> set[tuple[str, str, str, str]]:
    """Return who breaks: the consumer, its resource, the stack and the output."""
    return {
        (name_of(consumer), f"App {alias}", name_of(stack), output)
        for consumer, alias, stack, output, _, _ in model.uses
        if (stack, output) in gone
    }


def campaign(seeds: range) -> tuple[int, int]:
    """Compare what is told with the model. Return the numbers of uses and of breaks."""
    uses_seen = breaks_seen = 0
    for seed in seeds:
        chance = random.Random(seed)
        model = generated(chance)
        former = [dict(each) for each in model.exports]
        gone = changed(model, chance)
        states = model.states(former)
        expected = expected_breaks(model, gone)
        uses = uses_by_others(states)
        reported = {
            (each.use.consumer, title_of(each.use.urn), each.use.stack, *each.use.outputs)
            for each in breaks_of(uses, exports_by_stack(states))
        }
        assert reported == expected, f"seed {seed}: missing {expected - reported}, false {reported - expected}"
        assert len(uses) == len(model.uses), f"seed {seed}"
        uses_seen, breaks_seen = uses_seen + len(uses), breaks_seen + len(reported)
    return uses_seen, breaks_seen


def test_every_broken_consumer_is_named_and_none_falsely() -> None:
    uses, breaks = campaign(range(50))
    assert breaks > 100, "the changes break something"
    assert uses > 3 * breaks, "and leave most as it is"


@pytest.mark.soak
def test_every_broken_consumer_is_named_and_none_falsely_in_the_long_run(capsys: pytest.CaptureFixture[str]) -> None:
    uses, breaks = campaign(range(50, 2050))
    with capsys.disabled():
        print(f"\n2,000 backends of {NUMBER} stacks: {uses:,} uses, {breaks:,} broken, all named and none falsely")
