"""A new value of a secret, on real pods: those of the apps that read it are replaced, and no others."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from tests.kubernetes.stack import ClusterStack

PROGRAM = """
import json
from pathlib import Path

from pulumi_flyte import App, Environment, Secret

document = json.loads(Path("secrets.json").read_text())
place = Environment("place")
secrets = {name: Secret(name, environment=place, value=value) for name, value in document["values"].items()}
for app, names in document["read"].items():
    App(
        app,
        environment=place,
        image="localhost:5000/base:1",
        command=["python3", "-m", "http.server", "8080", "--directory", "/etc"],
        secrets={name.upper().replace("-", "_"): secrets[name] for name in names},
        resources={"cpu": ("10m", "500m"), "memory": ("16Mi", "64Mi")},
    )
"""


@dataclass(frozen=True)
class Team:
    """Apps and secrets that nobody else uses. read: the secrets that each app reads."""

    secrets: tuple[str, ...]
    read: Mapping[str, tuple[str, ...]]

    def readers(self, secret: str) -> set[str]:
        """Return the apps that read a secret."""
        return {app for app, names in self.read.items() if secret in names}


def drawn(chance: random.Random, name: str, *, secrets: int, apps: int) -> Team:
    """Return a team each of whose apps reads any number of its secrets."""
    names = tuple(f"{name}-key{number}" for number in range(secrets))
    return Team(
        names,
        {f"{name}-app{number}": tuple(chance.sample(names, chance.randint(0, secrets))) for number in range(apps)},
    )


def rotate(stack: ClusterStack, teams: list[Team]) -> int:
    """Deploy the teams' apps, rotate one secret of every team at a time, and return how many rotations were seen."""
    values = {secret: f"first value of {secret}" for team in teams for secret in team.secrets}
    read = {app: names for team in teams for app, names in team.read.items()}

    def write() -> None:
        stack.write({"__main__.py": PROGRAM, "secrets.json": json.dumps({"values": values, "read": read})})

    write()
    stack.deployed()
    stack.wait_for_rollouts()
    rotations = 0
    for turn in range(len(teams[0].secrets)):
        before = stack.running_pods()
        assert set(before) == set(read)
        rotated = [team.secrets[turn] for team in teams]
        values.update({secret: f"second value of {secret}" for secret in rotated})
        write()
        stack.deployed()
        stack.wait_for_rollouts()
        after = stack.running_pods()
        for team, secret in zip(teams, rotated, strict=True):
            replaced = {app for app in team.read if not before[app] & after[app]}
            untouched = {app for app in team.read if before[app] == after[app]}
            readers = team.readers(secret)
            assert (replaced, untouched) == (readers, set(team.read) - readers), f"{secret} of {team}"
            rotations += 1
        print(f"{rotations} rotations, each of them replaced the pods of its readers and no other", flush=True)
    return rotations


def test_a_rotation_replaces_the_pods_of_its_readers(stack: ClusterStack) -> None:
    chance = random.Random(1)
    stack.write({"__main__.py": ""})
    stack.init()
    assert rotate(stack, [drawn(chance, f"team{number}", secrets=2, apps=2) for number in range(3)]) == 6
    assert stack.destroy().code == 0


@pytest.mark.soak
def test_two_hundred_rotations_replace_the_pods_of_their_readers(stack: ClusterStack) -> None:
    stack.write({"__main__.py": ""})
    stack.init()
    rotations = 0
    for seed in range(5):
        chance = random.Random(seed)
        rotations += rotate(stack, [drawn(chance, f"team{number}", secrets=4, apps=3) for number in range(10)])
    assert rotations == 200
    assert stack.destroy().code == 0
