"""`pulumi-flyte consumers` and `diff --consumers` on a file backend of real stacks, against the engine's own answer."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flyte_local.processes.ports import free_port
from pulumi_flyte_review.model.preview import Json

from tests.e2e.harness import Stack
from tests.review.consumers.test_generated import NUMBER, changed, expected_breaks, generated
from tests.review.e2e.command import pulumi_flyte

PROGRAM = """
import json
from pathlib import Path

import pulumi
from pulumi_flyte import Environment, StackLink, Task

plan = json.loads(Path("plan.json").read_text())
shop = Environment("shop")
job = {"environment": shop, "image": "job:1", "command": ["true"], "interface": {"inputs": {}}}
for name, value in plan["exports"].items():
    pulumi.export(name, Task(value, **job).link if value.startswith("job") else value)
stacks = {stack for stack, _, by_link in plan["uses"].values() if not by_link}
references = {stack: pulumi.StackReference(stack) for stack in sorted(stacks)}
for alias, (stack, output, by_link) in plan["uses"].items():
    link = StackLink(stack, output) if by_link else references[stack].require_output(output)
    Task(alias, **job, inputs={"x": link})
"""


@dataclass
class Team:
    """A stack: its exports by name, a task `job…` or a text, and its uses by alias: stack, output, by a StackLink."""

    stack: Stack
    exports: dict[str, str] = field(default_factory=dict)
    uses: dict[str, tuple[str, str, bool]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"organization/{self.stack.project}/dev"

    def write(self) -> None:
        """Write the program."""
        plan = json.dumps({"exports": self.exports, "uses": self.uses})
        self.stack.write({"__main__.py": PROGRAM, "plan.json": plan})

    def deploy(self) -> None:
        """Write the program and deploy it."""
        self.write()
        self.stack.deployed()


@pytest.fixture
def teams(tmp_path: Path) -> Iterator[list[Team]]:
    """Stacks of one backend and one control plane, each of a project of its own. The test adds them."""
    made: list[Team] = []
    yield made
    for team in made:
        team.stack.close()


def add(teams: list[Team], folder: Path) -> Team:
    """Make one more stack beside the others."""
    number = len(teams)
    first = teams[0].stack if teams else None
    base = folder / "s0"  # the control plane and the backend are those of the first stack
    stack = Stack(
        folder / f"s{number}",
        project=f"p{number}",
        port=free_port() if first is None else first.port,
        time_limit=600,
        home=base / "home",
        backend=base / "backend",
    )
    team = Team(stack)
    teams.append(team)
    team.write()
    stack.init()
    return team


def broken(team: Team) -> set[tuple[str, str, str]]:
    """Return the broken uses that the command tells: the consumer's stack, the task, and the output."""
    answer = pulumi_flyte(team.stack, "consumers", "--format", "json")
    assert answer.code in (0, 3), answer.errors
    uses = json.loads(answer.output)["uses"]
    return {(use["consumer"], use["urn"].rpartition("::")[2], *use["outputs"]) for use in uses if use["problem"]}


def test_the_consumers_of_an_output_are_named_before_and_after_it_goes(teams: list[Team], tmp_path: Path) -> None:
    """One story, since each step takes a run of the engine."""
    owner, web = add(teams, tmp_path), add(teams, tmp_path)
    owner.exports = {"resize": "job-resize", "greeting": "hello", "unused": "job-unused"}
    owner.deploy()
    web.uses = {"linked": (owner.name, "resize", True), "referenced": (owner.name, "greeting", False)}
    web.deploy()
    assert web.stack.deployed().changed == set()
    told = pulumi_flyte(owner.stack, "consumers")
    assert (told.code, told.errors) == (0, "")
    assert told.output == (
        "organization/p0/dev is used by:\n"
        "  organization/p1/dev  Task linked  inputs.x: resize\n"
        "  organization/p1/dev  Task referenced  inputs.x: greeting\n"
    )

    owner.exports = {"resize-images": "job-resize", "greeting": "hello"}
    owner.write()
    diff = pulumi_flyte(owner.stack, "diff", "--stack", "dev", "--consumers", "--fail-on", "policy", "--format", "json")
    assert diff.code == 3, diff.errors
    assert [each["message"] for each in diff.report["policies"]] == [
        "organization/p1/dev: Task linked: inputs.x: organization/p0/dev has no output 'resize';"
        " 'resize-images' is the same task"
    ]
    owner.deploy()
    assert broken(owner) == {("organization/p1/dev", "linked", "resize")}
    refused = web.stack.preview()
    assert refused.code != 0
    assert "inputs.x.output: the stack 'organization/p0/dev' has no output 'resize': did you mean" in refused.text


def each(teams: Iterable[Team], do: object) -> None:
    """Do something with several stacks at a time."""
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(do, teams))  # type: ignore[arg-type]


def campaign(teams: list[Team], folder: Path, number: int, rounds: int, chance: random.Random) -> tuple[int, int, int]:
    """Change outputs, and compare what is told with the model and with the engine's previews.

    Return the numbers of uses, of broken uses, and of previews.
    """
    for _ in range(number):
        add(teams, folder)
    for team in teams:
        count = chance.randint(1, 4)
        team.exports = {f"out{i}": chance.choice([f"job{i}", f"text {i} of {team.name}"]) for i in range(count)}
    teams[0].deploy()
    each(teams[1:], Team.deploy)
    for team in teams:
        for index in range(chance.randint(0, 3)):
            other = chance.choice([each for each in teams if each is not team])
            output = chance.choice(sorted(other.exports))
            by_link = other.exports[output].startswith("job") and chance.random() < 0.6
            team.uses[f"use{index}"] = (other.name, output, by_link)
    users = [team for team in teams if team.uses]
    each(users, Team.deploy)
    assert broken(teams[0]) == set()
    breaks = previews = 0
    for number_of_round in range(rounds):
        owners = chance.sample(teams, len(teams) // 5)
        for team in owners:
            for name in sorted(team.exports):
                what = chance.random()
                if what < 0.2:
                    del team.exports[name]
                elif what < 0.4:
                    team.exports[f"{name}-{number_of_round}"] = team.exports.pop(name)
        for team in owners:  # an owner whose own uses are broken cannot be deployed: it drops these
            team.uses = {alias: use for alias, use in team.uses.items() if not is_gone(teams, use)}
        each(owners, Team.deploy)
        expected = {
            (team.name, alias, use[1]) for team in teams for alias, use in team.uses.items() if is_gone(teams, use)
        }
        told = broken(teams[0])
        assert told == expected, f"missing {expected - told}, false {told - expected}"
        users = [team for team in teams if team.uses]
        with ThreadPoolExecutor(3) as threads:
            codes = list(threads.map(lambda team: team.stack.preview().code, users))
        refused = {team.name for team, code in zip(users, codes, strict=True) if code != 0}
        assert refused == {name for name, _, _ in expected}, "the engine refuses exactly those"
        breaks, previews = breaks + len(expected), previews + len(users)
    return sum(len(team.uses) for team in teams), breaks, previews


def is_gone(teams: list[Team], use: tuple[str, str, bool]) -> bool:
    """Return whether the output of a use is not there any more."""
    owner = next(team for team in teams if team.name == use[0])
    return use[1] not in owner.exports


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_changed_stacks_break_those_that_the_engine_refuses(
    teams: list[Team], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    uses, breaks, previews = campaign(teams, tmp_path, 8, 2, random.Random(14))
    with capsys.disabled():
        print(f"\n8 deployed stacks: {uses} uses, {breaks} broken, each as {previews} previews of the engine say")


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_thirty_stacks_of_a_file_backend(teams: list[Team], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """States that are made here, in the backend's own files: each change takes seconds, and not an update."""
    chance = random.Random(30)
    for _ in range(NUMBER):
        add(teams, tmp_path)
    breaks = 0
    for _ in range(5):
        model = generated(chance)
        former = [dict(each) for each in model.exports]
        gone = changed(model, chance)
        states = model.states(former)

        def load(team: Team, states: dict[str, list[dict[str, Json]]] = states) -> None:
            deployment = {"manifest": {"time": "2026-11-30T00:00:00Z"}, "resources": states[team.name]}
            team.stack.write({"state.json": json.dumps({"version": 3, "deployment": deployment})})
            team.stack.pulumi("stack", "import", "--file", "state.json", "--stack", "dev", check=True)

        each(teams, load)
        expected = {
            (consumer, app.removeprefix("App "), output) for consumer, app, _, output in expected_breaks(model, gone)
        }
        told = broken(teams[0])
        assert told == expected, f"missing {expected - told}, false {told - expected}"
        breaks += len(expected)
    with capsys.disabled():
        print(f"\n30 stacks in files, 5 rounds of changes: {breaks} broken uses, all named and none falsely")
