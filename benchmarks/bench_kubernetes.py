"""Measures a first preview of apps on the platform `kubernetes`, beside bare components with the same objects.

Neither side meets a cluster. Their side declares, below a component for each app, the objects that our side declares,
with the same properties as constants, through the same plugin.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from benchmarks.metric import Pair, Skip, metric, seconds

ROOT = Path(__file__).resolve().parent.parent
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


class Stack:
    """A stack that was never deployed."""

    def __init__(self, source: str) -> None:
        home = os.environ.get("CLUSTER_HOME", str(ROOT / ".tools/cluster"))
        programs = [ROOT / ".tools/bin", Path(sys.executable).parent, Path(home) / "bin"]
        path = os.pathsep.join([*map(str, programs), os.environ["PATH"]])
        for program in ("pulumi", "pulumi-resource-kubernetes"):
            if not shutil.which(program, path=path):
                raise Skip(f"there is no {program}: run `tools/build --cluster`")
        self.folder = Path(tempfile.mkdtemp(prefix="bench-kubernetes-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        inherited = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("PULUMI_", "FLYTE_")) and key != "KUBECONFIG"
        }
        self.environment = inherited | {
            "PATH": path,
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.folder}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        (self.folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
        (self.folder / "__main__.py").write_text(source)
        self.call("stack", "init", "dev")
        self.call("config", "set", "--stack", "dev", "flyte:platform", "kubernetes")

    def call(self, *arguments: str) -> str:
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def preview(self) -> float:
        return seconds(lambda: self.call("preview", "--stack", "dev"))

    def components(self) -> list[tuple[str, object, list[tuple[str, str, object]]]]:
        """Return the components of a preview: name, inputs, and the type, name and inputs of each child."""
        steps = json.loads(self.call("preview", "--stack", "dev", "--json"))["steps"]
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
    ours, theirs = _apps(), _bare()
    ours.preview(), theirs.preview()
    for _ in range(rounds):
        yield Pair(ours=ours.preview(), theirs=theirs.preview())
