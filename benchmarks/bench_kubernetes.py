"""Compares a first preview of apps on the platform `kubernetes` with bare components that have the same objects.

Neither side connects to a cluster. The baseline has a component for each app. Below it, it declares the same objects as
our side, with the same properties as constants, and uses the same plugin.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from benchmarks.metric import Pair, metric, seconds
from benchmarks.pulumi_stack import ROOT, PulumiStack

COUNT = 100

APPS = f"""\
from pulumi_flyte import App, Environment
shop = Environment("shop")
apps = []
for number in range({COUNT}):
    wired = {{"inputs": {{"parent": apps[number // 10]}}}} if apps else {{}}
    apps.append(App(f"app-{{number}}", environment=shop, image="x:1", command=["serve"], **wired))
"""
BARE = """\
import json
import pulumi

class Bare(pulumi.ComponentResource):
    def __init__(self, name, properties, children):
        super().__init__("bare:index:Component", name, properties)
        for kind, child, inputs in children:
            pulumi.CustomResource(kind, child, inputs, pulumi.ResourceOptions(parent=self, version=VERSION))
        self.register_outputs({})

VERSION, components = json.load(open("components.json"))
for name, properties, children in components:
    Bare(name, properties, children)
"""
VERSION = "4.25.0"


class Stack(PulumiStack):
    """A stack that was never deployed, on the platform `kubernetes`."""

    def __init__(self, source: str) -> None:
        home = os.environ.get("CLUSTER_HOME", str(ROOT / ".tools/cluster"))
        super().__init__(source, programs=[Path(home) / "bin"], variables={"KUBECONFIG": os.devnull})
        self.require("pulumi-resource-kubernetes", "tools/build --cluster")
        self.configure(platform="kubernetes")

    def preview(self) -> float:
        return seconds(lambda: self.pulumi("preview", "--stack", "dev"))

    def components(self) -> list[tuple[str, object, list[tuple[str, str, object]]]]:
        """Return the components of a preview: name, inputs, and the type, name and inputs of each child."""
        steps = json.loads(self.pulumi("preview", "--stack", "dev", "--json"))["steps"]
        states = [step["newState"] for step in steps if step["newState"]["type"] != "pulumi:pulumi:Stack"]
        children: dict[str, list[tuple[str, str, object]]] = {}
        for state in states:
            if not state["type"].startswith(("flyte:index:", "pulumi:providers:")):
                name = state["urn"].rpartition("::")[2]
                children.setdefault(state["parent"], []).append((state["type"], name, state["inputs"]))
        return [
            (state["urn"].rpartition("::")[2], state.get("inputs", {}), children[state["urn"]])
            for state in states
            if state["urn"] in children
        ]


@cache
def _apps() -> Stack:
    return Stack(APPS)


@cache
def _bare() -> Stack:
    stack = Stack(BARE)
    (stack.folder / "components.json").write_text(json.dumps([VERSION, _apps().components()]))
    return stack


@metric("first preview of 100 apps on kubernetes ÷ 100 bare components with the same objects", at_most=1.15)
def objects(rounds: int) -> Iterator[Pair]:
    ours, baseline = _apps(), _bare()
    ours.preview(), baseline.preview()
    for _ in range(rounds):
        yield Pair(ours=ours.preview(), baseline=baseline.preview())
