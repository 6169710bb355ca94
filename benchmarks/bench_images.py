"""Compares `pulumi up` after one changed line in an image with buildctl on the same build context.

Both push to the registry of the test cluster, and both have the layers below the change in BuildKit's cache. An `up`
also starts the engine, the program and the plugins; the second metric is the time of the build alone.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from benchmarks.metric import Pair, Skip, metric, seconds
from benchmarks.pulumi_stack import ROOT, PulumiStack

PROGRAM = """\
from pulumi_flyte import Environment, Image
Environment("shop", image=Image(dockerfile="Dockerfile"))
"""
DOCKERFILE = "FROM {base}\nRUN python3 -m venv /opt/venv\nCOPY line.py /app/\n"
_numbers = itertools.count()


class ImageStack(PulumiStack):
    """A stack of one image."""

    def __init__(self, home: Path) -> None:
        variables = {"DOCKER_CONFIG": str(home / "conf/docker"), "DOCKER_HOST": "unix:///nonexistent.sock"}
        super().__init__(PROGRAM, programs=[home / "bin"], variables=variables)
        self.home = home
        registry = f"localhost:{os.environ.get('CLUSTER_REGISTRY_PORT', '5000')}"
        (self.folder / "Dockerfile").write_text(DOCKERFILE.format(base=f"{registry}/base:1"))
        self.change()
        self.bare_reference = f"{registry}/bench-bare:1"
        self.configure(platform="flyte", endpoint="http://127.0.0.1:1", registry=f"{registry}/bench", builder="local")
        self.up()
        self.buildctl()

    def change(self) -> None:
        """Change one line. It is different in every round and every run."""
        (self.folder / "line.py").write_text(f"LINE = '{os.getpid()}-{next(_numbers)}'\n")

    def up(self) -> str:
        return self.pulumi("up", "--yes", "--skip-preview", "--stack", "dev")

    def buildctl(self) -> None:
        """Build and push the context that was staged last."""
        staged = max((self.folder / ".pulumi-flyte/images").glob("[0-9a-f]*"), key=lambda path: path.stat().st_mtime)
        command = ["build", "--frontend", "dockerfile.v0", "--local", f"context={staged / staged.name}"]
        command += ["--local", f"dockerfile={staged}", "--output", f"type=image,name={self.bare_reference},push=true"]
        self.run("buildctl", "--addr", f"unix://{self.home / 'run/buildkitd.sock'}", *command)

    def bare_change(self) -> float:
        """Change the staged line once more, so that buildctl has a layer to build, and time buildctl."""
        for line in (self.folder / ".pulumi-flyte/images").glob("*/*/line.py"):
            line.write_text(f"LINE = 'bare-{os.getpid()}-{next(_numbers)}'\n")
        return seconds(self.buildctl)


@cache
def _stack() -> ImageStack:
    home = Path(os.environ.get("CLUSTER_HOME") or ROOT / ".tools/cluster").resolve()
    if not (home / "run/buildkitd.sock").exists():
        raise Skip("there is no builder: start the test cluster with `python -m tests.kubernetes.cluster start`")
    return ImageStack(home)


@metric("image: `up` after a one-line change ÷ bare buildctl of the same context", at_most=1.5)
def whole(rounds: int) -> Iterator[Pair]:
    stack = _stack()
    for _ in range(rounds):
        stack.change()
        yield Pair(ours=seconds(stack.up), baseline=stack.bare_change())


@metric("image: the build inside of that `up` ÷ bare buildctl of the same context", at_most=1.5)
def build(rounds: int) -> Iterator[Pair]:
    stack = _stack()
    for _ in range(rounds):
        stack.change()
        printed = re.findall(r"shop-image updated \(([\d.]+)s\)", stack.up())
        yield Pair(ours=float(printed[-1]), baseline=stack.bare_change())
