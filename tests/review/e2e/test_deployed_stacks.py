"""Deployed stacks that use each other's outputs, and random changes of these, against a model and the engine."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.review.e2e.teams import Broken, Team, add, at_once, broken, broken_by_an_update

STACKS = int(os.environ.get("SOAK_STACKS", "30"))
ROUNDS = int(os.environ.get("SOAK_ROUNDS", "4"))
Use = tuple[str, str, bool]


@dataclass
class Backend:
    """All teams, and the value that each use had when its stack was last deployed."""

    teams: list[Team]
    chance: random.Random
    values: dict[tuple[str, str], str] = field(default_factory=dict)

    def value(self, use: Use) -> str | None:
        """Return the value of an output as it is now, None if it is gone."""
        owner = next(team for team in self.teams if team.name == use[0])
        return owner.exports.get(use[1])

    def is_refused(self, use: Use) -> bool:
        """Return whether the engine refuses a use: the output is gone, or a `StackLink` leads to no task."""
        value = self.value(use)
        return value is None or (use[2] and not is_task(value))

    def is_broken(self, team: Team, alias: str) -> bool:
        """Return whether an output is gone, or of another kind than at the last update of its user."""
        value = self.value(team.uses[alias])
        return value is None or is_task(value) != is_task(self.values[team.name, alias])

    def broken(self) -> set[Broken]:
        """Return the broken uses: the stack, the task and the output."""
        return {
            (team.name, alias, use[1])
            for team in self.teams
            for alias, use in team.uses.items()
            if self.is_broken(team, alias)
        }

    def deploy(self, teams: list[Team]) -> None:
        """Deploy stacks, and remember the values that they use."""
        at_once(teams, Team.update)
        for team in teams:
            self.values |= {(team.name, alias): str(self.value(use)) for alias, use in team.uses.items()}

    def new_uses(self, team: Team, owners: list[Team], count: int) -> None:
        """Make a stack use outputs of others."""
        for _ in range(count):
            owner = self.chance.choice([each for each in owners if each is not team and each.exports])
            output = self.chance.choice(sorted(owner.exports))
            by_link = is_task(owner.exports[output]) and self.chance.random() < 0.6
            team.uses[f"use{len(self.values)}-{len(team.uses)}"] = (owner.name, output, by_link)

    def change(self, team: Team, number: int) -> None:
        """Remove and rename outputs of a stack, and replace them by outputs of another kind, or by another task."""
        for name in sorted(team.exports):
            what = self.chance.random()
            if what < 0.15:
                del team.exports[name]
            elif what < 0.35:
                team.exports[f"{name}-{number}"] = team.exports.pop(name)
            elif what < 0.5:
                text = f"text {name} {number} of {team.name}"
                team.exports[name] = text if is_task(team.exports[name]) else f"job-{name}-{number}"
            elif what < 0.6 and is_task(team.exports[name]):
                team.exports[name] = f"job-{name}-{number}"


def is_task(value: str) -> bool:
    return value.startswith("job")


@dataclass
class Figures:
    """The numbers that a campaign prints."""

    updates: int = 0
    uses: int = 0
    breaks: int = 0
    previews: int = 0
    diffs: int = 0


def campaign(teams: list[Team], folder: Path, number: int, rounds: int, chance: random.Random) -> Figures:
    """Deploy stacks and change them. Compare what is named with the model, and the model with the engine."""
    backend, figures = Backend(teams, chance), Figures()
    at_once([add(teams, folder) for _ in range(number)], Team.init)
    for team in teams:
        names = [f"out{index}" for index in range(chance.randint(1, 4))]
        team.exports = {name: chance.choice([f"job-{name}", f"text {name} of {team.name}"]) for name in names}
    owners = teams[: max(2, number // 3)]
    backend.deploy(teams[:1])  # it starts the control plane
    backend.deploy(owners[1:])
    users = teams[len(owners) :]
    for team in users:
        backend.new_uses(team, owners, chance.randint(1, 3))
    backend.deploy(users)
    figures.updates += number
    assert broken(teams[0]) == set()
    for number_of_round in range(rounds):
        figures.diffs += tell_before(backend, owners, number_of_round)
        expected = backend.broken()
        reported = broken(teams[0])
        assert reported == expected, f"missing {expected - reported}, false {reported - expected}"
        figures.breaks += len(expected)
        figures.updates += len(owners)
        figures.previews += refused(backend)
        # The next owners repair their own uses first, since a stack with a refused use cannot be deployed.
        owners = chance.sample(teams, len(owners))
        for team in owners:
            team.uses = {alias: use for alias, use in team.uses.items() if not backend.is_refused(use)}
            backend.new_uses(team, teams, chance.randint(0, 2))
        backend.deploy(owners)
        figures.updates += len(owners)
    figures.uses = len(backend.values)
    return figures


def tell_before(backend: Backend, owners: list[Team], number_of_round: int) -> int:
    """Change the outputs of stacks. Compare what `diff` tells before each update with what it breaks.

    Return the number of diffs.
    """
    diffs = 0
    for team in owners:
        before = backend.broken()
        backend.change(team, number_of_round)
        team.uses = {alias: use for alias, use in team.uses.items() if not backend.is_refused(use)}
        team.write()
        reported = broken_by_an_update(team)
        expected = {(consumer, alias) for consumer, alias, _ in backend.broken() - before if consumer != team.name}
        assert reported == expected, f"{team.name}: missing {expected - reported}, false {reported - expected}"
        backend.deploy([team])
        diffs += 1
    return diffs


def refused(backend: Backend) -> int:
    """Compare the previews of all stacks that use something with the model. Return the number of previews."""
    users = [team for team in backend.teams if team.uses]
    codes = at_once(users, lambda team: team.stack.preview().code)
    names = {team.name for team, code in zip(users, codes, strict=True) if code != 0}
    expected = {team.name for team in users if any(backend.is_refused(use) for use in team.uses.values())}
    assert names == expected, f"refused {names - expected}, accepted {expected - names}"
    return len(users)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_each_change_breaks_those_that_are_told(
    teams: list[Team], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = campaign(teams, tmp_path, STACKS, ROUNDS, random.Random(14))
    with capsys.disabled():
        print(f"\n{STACKS} deployed stacks, {ROUNDS} rounds: {figures}")
