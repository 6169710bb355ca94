"""The command `pulumi-flyte` as a person or a job runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from tests.e2e.harness import Stack


@dataclass(frozen=True)
class Answer:
    """The output of a command, and its exit code."""

    code: int
    output: str
    errors: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report."""
        report: dict[str, Any] = json.loads(self.output)
        return report


def pulumi_flyte(stack: Stack, *arguments: str) -> Answer:
    """Run the command in the folder of a stack's program."""
    done = subprocess.run(
        [sys.executable, "-m", "pulumi_flyte_review", *arguments],
        cwd=stack.folder,
        env=stack.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=stack.time_limit,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def reviewed(stack: Stack, *arguments: str) -> dict[str, Any]:
    """Return the JSON report of `pulumi-flyte diff`."""
    answer = pulumi_flyte(stack, "diff", "--format", "json", "--stack", stack.name, *arguments)
    assert answer.code in (0, 2), answer.errors
    return answer.report


def apply(stack: Stack, review: str) -> Answer:
    """Run `pulumi-flyte up --reviewed`."""
    return pulumi_flyte(stack, "up", "--reviewed", review, "--stack", stack.name)
