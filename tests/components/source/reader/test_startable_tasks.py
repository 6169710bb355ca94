"""The tasks that a task may start, as its code says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pulumi_flyte.source.description import TaskDescription

from tests.components.source.loaded import load

CODE = """
import flyte

leaves = flyte.TaskEnvironment(name="leaves")
branches = flyte.TaskEnvironment(name="branches", depends_on=[leaves])
trunk = flyte.TaskEnvironment(name="trunk", depends_on=[branches])
other = flyte.TaskEnvironment(name="other")


@leaves.task
def leaf(): ...


@branches.task
def branch(): ...


@trunk.task
def root(): ...


@trunk.task
def sibling(): ...


@other.task
def stranger(): ...
"""


def test_a_task_may_start_those_of_its_environment_and_of_what_that_depends_on(
    write: Callable[[Mapping[str, str]], Path],
) -> None:
    program = write({"tree.py": CODE})
    starts = {}
    for function in ("root", "branch", "leaf", "stranger"):
        description = load(program, f"tree.py:{function}").description
        assert isinstance(description, TaskDescription)
        starts[function] = description.starts
    assert starts == {
        "root": ("branches.branch", "leaves.leaf", "trunk.sibling"),
        "branch": ("leaves.leaf",),
        "leaf": (),
        "stranger": (),
    }
