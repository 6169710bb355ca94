"""Compares a no-op preview of apps on the real engine with bare components that have as many constant properties.

Our side: apps of `App(source=…)` with wired inputs and 100 distinct sources. The Flyte API answers from memory.

The baseline: a component and a custom resource for each app. Its properties are constants, copied from the state of our
side. Its plugin only compares inputs. A third program has one property in each resource, which shows the cost of the
properties.
"""

from __future__ import annotations

import atexit
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from flyteidl2.project import project_service_pb2

from benchmarks.metric import Pair, metric, seconds
from benchmarks.pulumi_stack import ROOT, PulumiStack
from tests.provider.over_grpc.oss_server import World, serving

SOURCES = 100

APPS = """\
from pulumi_flyte import App, Environment
shop = Environment("shop")
apps = []
for number in range({count}):
    wired = {{"inputs": {{"parent": apps[number // 10]}}}} if apps else {{}}
    source = f"app{{number % {sources}}}.py:app"
    apps.append(App(f"app-{{number}}", environment=shop, source=source, image="x:1", **wired))
"""
BARE = """\
import json
import pulumi

class Bare(pulumi.ComponentResource):
    def __init__(self, name, component, resource):
        super().__init__("bare:index:Component", name, component)
        pulumi.CustomResource("bare:index:Thing", name, resource, pulumi.ResourceOptions(parent=self))
        self.register_outputs({})

for name, properties in json.load(open("properties.json")).items():
    Bare(name, **properties)
"""
ASGI = "NUMBER = {number}\nasync def app(scope, receive, send): ...\n"


class Program(PulumiStack):
    """A deployed stack whose preview is timed."""

    def preview(self, *, cold: bool = False) -> float:
        if cold:
            shutil.rmtree(self.folder / "cache" / "readings", ignore_errors=True)
        return seconds(lambda: self.pulumi("preview", "--expect-no-changes", "--stack", "dev"))

    def properties(self) -> dict[str, dict[str, object]]:
        """Return the inputs of each app and of its resource from the state, by the app's name."""
        deployment = json.loads(self.pulumi("stack", "export", "--stack", "dev"))["deployment"]
        sides = {"flyte:index:App": "component", "flyte:api:App": "resource"}
        properties: dict[str, dict[str, object]] = {}
        for resource in deployment["resources"]:
            if side := sides.get(resource["type"]):
                properties.setdefault(resource["urn"].rpartition("::")[2], {})[side] = resource["inputs"]
        return properties


@cache
def deployed_apps(count: int) -> Program:
    """Deploy the apps once for all metrics of the run."""
    return _deployed(APPS.format(count=count, sources=SOURCES), "apps")


@cache
def _bare(count: int) -> Program:
    """Deploy components with the properties of as many apps."""
    return _deployed(BARE, "bare", deployed_apps(count).properties())


@cache
def _empty(count: int) -> Program:
    """Deploy components with one property."""
    one = {"size": 1}
    return _deployed(BARE, "empty", {f"app-{number}": {"component": one, "resource": one} for number in range(count)})


def _deployed(source: str, kind: str, properties: dict[str, dict[str, object]] | None = None) -> Program:
    """Deploy a program. `properties` are those that a bare program declares."""
    plugin = Path(tempfile.mkdtemp(prefix="bench-plugin-"))
    atexit.register(shutil.rmtree, plugin, ignore_errors=True)
    plugins = {"flyte": Path(sys.executable).parent, "bare": plugin}
    lines = "".join(f"    - name: {name}\n      path: {place}\n" for name, place in plugins.items())
    # Only the set-up deploys. Without checkpoints, a crash would lose nothing of value.
    # The option --event-log of a preview is hidden without the second variable.
    skip = {"PULUMI_SKIP_CHECKPOINTS": "true", "PULUMI_DEBUG_COMMANDS": "true"}
    program = Program(source, variables=skip, project=f"plugins:\n  providers:\n{lines}")
    (program.folder / "properties.json").write_text(json.dumps(properties))
    for number in range(SOURCES if kind == "apps" else 0):
        (program.folder / f"app{number}.py").write_text(ASGI.format(number=number))
    launcher = plugin / "pulumi-resource-bare"
    launcher.write_text(f'#!/bin/sh\nexec {sys.executable} {ROOT / "benchmarks" / "bare_plugin.py"} "$@"\n')
    launcher.chmod(0o755)
    if kind == "apps":
        program.configure(platform="flyte", endpoint=_flyte_api(), insecure="true")
    program.pulumi("up", "--yes", "--skip-preview", "--stack", "dev")
    return program


@cache
def _flyte_api() -> str:
    """Start a Flyte API in this process, until the process ends. Return its endpoint."""
    resources = ExitStack()
    # No app runs here. The plugin does not wait for a health path if the scheme of the URL is unknown.
    world = World(projects={"shop": project_service_pb2.Project(id="shop")}, public_url="none:")
    server = resources.enter_context(serving(world))
    atexit.register(resources.close)
    return server.url


def _compare(ours: Program, baseline: Program, rounds: int, *, cold: bool = False) -> Iterator[Pair]:
    ours.preview(), baseline.preview()
    for _ in range(rounds):
        yield Pair(ours=ours.preview(cold=cold), baseline=baseline.preview())


@metric("no-op preview of 200 apps (warm) ÷ 200 bare components with as many constant properties", at_most=1.1)
def warm(rounds: int) -> Iterator[Pair]:
    yield from _compare(deployed_apps(200), _bare(200), rounds)


@metric("no-op preview of 200 apps (warm) ÷ 200 bare components with one property (for comparison)")
def empty(rounds: int) -> Iterator[Pair]:
    yield from _compare(deployed_apps(200), _empty(200), rounds)


@metric("no-op preview of 200 apps, cold (every source read anew) ÷ warm", at_most=2)
def cold(rounds: int) -> Iterator[Pair]:
    yield from _compare(deployed_apps(200), deployed_apps(200), rounds, cold=True)


@metric("no-op preview of 400 apps ÷ 200 apps", at_most=1.9)
def linear(rounds: int) -> Iterator[Pair]:
    yield from _compare(deployed_apps(400), deployed_apps(200), rounds)
