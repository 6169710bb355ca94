"""Compares a first preview of apps on the platform `kubernetes` with bare components that have the same objects.

Neither side connects to a cluster. The baseline has a component for each app. Below it, it declares the same objects as
our side, with the same properties as constants, and uses the same plugin. A third program also lets each object wait
for the same others, which shows what their order costs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

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

declared = {}

class Bare(pulumi.ComponentResource):
    def __init__(self, name, properties, children):
        super().__init__("bare:index:Component", name, properties)
        for kind, child, inputs, awaited in children:
            depends_on = [declared[urn] for urn in awaited]
            opts = pulumi.ResourceOptions(parent=self, version=VERSION, depends_on=depends_on)
            declared[f"{kind}::{child}"] = pulumi.CustomResource(kind, child, inputs, opts)
        self.register_outputs({})

VERSION, components = json.load(open("components.json"))
for name, properties, children in components:
    Bare(name, properties, children)
"""
VERSION = "4.25.0"


class Child(NamedTuple):
    """An object of a component, and what it waits for."""

    type: str
    name: str
    inputs: object
    awaited: list[str]


class Component(NamedTuple):
    """A component of a preview."""

    name: str
    inputs: object
    children: list[Child]


class Stack(PulumiStack):
    """A stack that was never deployed, on the platform `kubernetes`."""

    def __init__(self, source: str) -> None:
        home = os.environ.get("CLUSTER_HOME", str(ROOT / ".tools/cluster"))
        super().__init__(source, programs=[Path(home) / "bin"], variables={"KUBECONFIG": os.devnull})
        self.require("pulumi-resource-kubernetes", "tools/build --cluster")
        self.configure(platform="kubernetes")

    def preview(self) -> float:
        return seconds(lambda: self.pulumi("preview", "--stack", "dev"))

    def components(self, *, ordered: bool) -> list[Component]:
        """Return the components of a preview. `ordered`: with what their objects wait for."""
        steps = json.loads(self.pulumi("preview", "--stack", "dev", "--json"))["steps"]
        states = [step["newState"] for step in steps if step["newState"]["type"] != "pulumi:pulumi:Stack"]
        objects = {state["urn"]: f"{state['type']}::{_name(state)}" for state in states if _is_object(state)}
        children: dict[str, list[Child]] = {}
        for state in states:
            if state["urn"] in objects:
                awaited = [objects[urn] for urn in state.get("dependencies", ()) if urn in objects and ordered]
                child = Child(state["type"], _name(state), state["inputs"], awaited)
                children.setdefault(state["parent"], []).append(child)
        return [
            Component(_name(state), state.get("inputs", {}), children[state["urn"]])
            for state in states
            if state["urn"] in children
        ]


def _is_object(state: Mapping[str, Any]) -> bool:
    return not state["type"].startswith(("flyte:index:", "pulumi:providers:"))


def _name(state: Mapping[str, Any]) -> str:
    name: str = state["urn"].rpartition("::")[2]
    return name


@cache
def _apps() -> Stack:
    return Stack(APPS)


@cache
def _bare(*, ordered: bool) -> Stack:
    stack = Stack(BARE)
    (stack.folder / "components.json").write_text(json.dumps([VERSION, _apps().components(ordered=ordered)]))
    return stack


def _compare(ours: Stack, baseline: Stack, rounds: int) -> Iterator[Pair]:
    ours.preview(), baseline.preview()
    for _ in range(rounds):
        yield Pair(ours=ours.preview(), baseline=baseline.preview())


@metric("first preview of 100 apps on kubernetes ÷ 100 bare components with the same objects", at_most=1.15)
def objects(rounds: int) -> Iterator[Pair]:
    yield from _compare(_apps(), _bare(ordered=False), rounds)


@metric("the same ÷ 100 bare components with the same objects that wait for each other as ours do (for comparison)")
def ordered_objects(rounds: int) -> Iterator[Pair]:
    yield from _compare(_apps(), _bare(ordered=True), rounds)
