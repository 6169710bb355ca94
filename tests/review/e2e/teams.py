"""Stacks of several teams on one backend and one control plane, which use each other's outputs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tests.e2e.harness import Stack
from tests.ports import free_port
from tests.review.e2e.command import pulumi_flyte

T = TypeVar("T")
AT_A_TIME = 3
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
# The consumer's stack, the task, and the output.
Broken = tuple[str, str, str]


@dataclass
class Team:
    """A stack: its exports by name, a task `job…` or a text, and its uses by alias: stack, output, by a StackLink."""

    stack: Stack
    exports: dict[str, str] = field(default_factory=dict)
    uses: dict[str, tuple[str, str, bool]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"organization/{self.stack.project}/dev"

    def init(self) -> None:
        """Make the stack in the backend."""
        self.stack.init()

    def write(self) -> None:
        """Write the program."""
        plan = json.dumps({"exports": self.exports, "uses": self.uses})
        self.stack.write({"__main__.py": PROGRAM, "plan.json": plan})

    def deploy(self) -> None:
        """Write the program and deploy it, after a preview that names what it changes."""
        self.write()
        self.stack.deployed()

    def update(self) -> None:
        """Write the program and deploy it."""
        self.write()
        outcome = self.stack.up()
        assert outcome.code == 0, f"{self.name}:\n{outcome.text}"


def add(teams: list[Team], folder: Path, make: Callable[..., Stack] = Stack) -> Team:
    """Make one more stack beside the others, without a stack in the backend.

    Its control plane and its backend are those of the first stack.
    """
    number = len(teams)
    first = teams[0].stack if teams else None
    stack = make(
        folder / f"s{number}",
        project=f"p{number}",
        port=free_port() if first is None else first.port,
        time_limit=600,
        home=folder / "s0" / "home",
        backend=folder / "s0" / "backend",
    )
    team = Team(stack)
    teams.append(team)
    team.write()
    return team


def at_once(teams: Iterable[Team], do: Callable[[Team], T]) -> list[T]:
    """Do something with several stacks at a time. Return the answers."""
    with ThreadPoolExecutor(AT_A_TIME) as threads:
        return list(threads.map(do, teams))


def broken(team: Team) -> set[Broken]:
    """Return the broken uses that `pulumi-flyte consumers` tells."""
    answer = pulumi_flyte(team.stack, "consumers", "--format", "json")
    assert answer.code in (0, 3), answer.errors
    uses = json.loads(answer.output)["uses"]
    return {(use["consumer"], use["urn"].rpartition("::")[2], *use["outputs"]) for use in uses if use["problem"]}


def broken_by_an_update(team: Team) -> set[tuple[str, str]]:
    """Return the consumers and tasks that `pulumi-flyte diff` says the program of a stack breaks."""
    answer = pulumi_flyte(team.stack, "diff", "--stack", "dev", "--consumers", "--format", "json")
    assert answer.code in (0, 2), answer.errors
    messages = [policy["message"] for policy in answer.report["policies"]]
    uses = [re.match(r"(\S+): Task (\S+): inputs\.x: ", message) for message in messages]
    assert None not in uses, messages
    return {(use[1], use[2]) for use in uses if use}
