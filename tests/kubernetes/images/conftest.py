"""Stacks whose tasks run in images that are built: the platform `flyte`, with a control plane of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.control_plane import ControlPlane, running
from tests.kubernetes.stack import ClusterStack

PROGRAM = """
    import pulumi
    from pulumi_flyte import Environment, Image, Task, api

    there = api.Project("there", name=pulumi.get_project())
    opts = pulumi.ResourceOptions(depends_on=[there])
    Task("double", environment=Environment("shop"), source="tasks.py:double", image={image}, opts=opts)
"""
TASKS = """
    import flyte

    env = flyte.TaskEnvironment(name="numbers")

    @env.task
    async def double(n: int) -> int:
        return 2 * n
"""


@pytest.fixture(scope="session")
def control_plane(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A Flyte endpoint."""
    with running(tmp_path_factory.mktemp("plane"), cluster.home.environment()) as plane:
        yield plane


MakeTask = Callable[..., ClusterStack]


@pytest.fixture
def make_task(make_stack: Callable[..., ClusterStack], control_plane: ControlPlane, project: str) -> MakeTask:
    """Makes a stack of one task, whose `image` is a text of Python. A registry has no other image of its name."""

    def make(image: str, **config: str) -> ClusterStack:
        settings = {"flyte:platform": "flyte", **control_plane.settings}
        stack = make_stack(config={**settings, **{f"flyte:{key}": value for key, value in config.items()}})
        stack.init()
        use_image(stack, image)
        stack.write({"tasks.py": dedent(TASKS)})
        return stack

    return make


def use_image(stack: ClusterStack, image: str) -> None:
    """Write the program with another image."""
    stack.write({"__main__.py": dedent(PROGRAM).replace("{image}", image)})


def built_reference(stack: ClusterStack) -> str:
    """Return the reference of the one image in a stack's state."""
    (image,) = [
        each for each in stack.export()["deployment"]["resources"] if each["type"] == "docker-build:index:Image"
    ]
    (reference,) = image["inputs"]["tags"]
    assert isinstance(reference, str)
    return reference


def staged_contexts(stack: ClusterStack) -> list[Path]:
    """Return the folders of the build contexts that the program has staged."""
    return sorted((stack.folder / ".pulumi-flyte/images").glob("[0-9a-f]*"))
