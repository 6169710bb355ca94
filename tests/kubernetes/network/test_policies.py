"""A wired program on real pods: who reaches whom is what is wired, and stays so through edits of the wiring."""

from __future__ import annotations

import json
import os
import random
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.cluster.images import BASE_IMAGE
from tests.kubernetes.control_plane import running
from tests.kubernetes.network.probing import (
    COMMAND,
    HTTP,
    METADATA,
    Matrix,
    Network,
    apply,
    differences,
    metadata_server,
    namespaces,
    pod_manifest,
    wait_until_ready,
)
from tests.kubernetes.stack import ClusterStack

# All of them need the one metadata address.
pytestmark = pytest.mark.xdist_group("metadata address")

APPS = {**{f"n{index}": "near" for index in range(8)}, **{f"f{index}": "far" for index in range(4)}}
# By their Pulumi names. Two of them have one Flyte name, in two domains.
TASKS = {"count": ("near", "words.count"), "train": ("near", "Train"), "far-count": ("far", "words.count")}
DOMAINS = {"near": "development", "far": "staging"}
PUBLIC = ("n1", "f2")
EDITS = 20


@dataclass
class Wiring:
    """The edges that the program declares. An edge by reference leads to an app that is declared earlier."""

    draw: random.Random
    edges: set[tuple[str, str]] = field(default_factory=set)

    def edit(self, times: int) -> None:
        """Add edges that are not there, and remove some that are."""
        for _ in range(times):
            caller, callee = self.draw.choice([*APPS, *TASKS]), self.draw.choice([*APPS])
            if caller != callee:
                self.edges ^= {(caller, callee)}

    def spelled(self) -> list[tuple[str, str, str]]:
        """The edges as the program spells them. The spelling of one does not depend on the others."""
        order = [*APPS, *TASKS]
        return [
            (caller, callee, _way(caller, callee) if order.index(callee) < order.index(caller) else "name")
            for caller, callee in sorted(self.edges)
        ]


def _way(caller: str, callee: str) -> str:
    return random.Random(f"{caller} {callee}").choice(["reference", "output", "name"])


@dataclass(frozen=True)
class Surroundings:
    tasks: str
    ingress: str
    stranger: str


@pytest.fixture
def around(cluster: Cluster) -> Iterator[Surroundings]:
    run = uuid.uuid4().hex[:6]
    around = Surroundings(*(f"wired-{name}-{run}" for name in ("tasks", "ingress", "stranger")))
    with namespaces(cluster, around.tasks, around.ingress, around.stranger), metadata_server():
        yield around


@pytest.fixture
def stack(cluster: Cluster, project: str, tmp_path: Path) -> Iterator[ClusterStack]:
    with running(tmp_path, {**os.environ, **cluster.home.environment()}) as plane:
        stack = ClusterStack(tmp_path / "stack", cluster=cluster, project=project, home=plane.home)
        stack.config |= plane.settings
        yield stack
        stack.close()
    cluster.run("kubectl", "delete", "namespace", f"{project}-staging", "--ignore-not-found", "--wait=false")


def test_who_reaches_whom_is_what_is_wired(stack: ClusterStack, around: Surroundings, cluster: Cluster) -> None:
    wiring = Wiring(random.Random(11))
    wiring.edit(34)
    stack.write({"__main__.py": Path(__file__).with_name("wired.py").read_text()})
    graph: dict[str, Any] = {"apps": APPS, "tasks": TASKS, "public": PUBLIC, "image": BASE_IMAGE, "command": COMMAND}
    graph |= {"task_namespace": around.tasks, "ingress_namespace": around.ingress}
    stack.write({"graph.json": json.dumps({**graph, "edges": wiring.spelled()})})
    stack.init()
    stack.deployed()
    apply(cluster, made_by_hand(stack.project, around))
    for namespace in (around.tasks, around.ingress, around.stranger):
        wait_until_ready(cluster, namespace)
    holds(wiring, stack.project, around, cluster)

    before = set(wiring.edges)
    wiring.edit(EDITS)
    stack.write({"graph.json": json.dumps({**graph, "edges": wiring.spelled()})})
    outcome = stack.deployed()
    assert edge_policies(outcome.changed) == {f"{caller} {callee}" for caller, callee in before ^ wiring.edges}
    holds(wiring, stack.project, around, cluster)

    assert stack.up().summary == {}
    assert stack.destroy().code == 0


def made_by_hand(project: str, around: Surroundings) -> list[dict[str, Any]]:
    """Pods of tasks as Flyte makes them, one of a task that nobody wired, and strangers."""
    named = {**TASKS, "other-task": ("near", "words.other")}
    tasks = [
        pod_manifest(
            around.tasks,
            name,
            {"project": project, "domain": DOMAINS[place], "task-name": task, "flyte.org/managed": "true", "run": name},
        )
        for name, (place, task) in named.items()
    ]
    namesake = {"app.kubernetes.io/name": "n0", "app.kubernetes.io/managed-by": "pulumi-flyte"}
    strangers = [pod_manifest(around.stranger, "stranger", {}), pod_manifest(around.stranger, "namesake", namesake)]
    return [*tasks, *strangers, pod_manifest(around.ingress, "controller", {})]


def holds(wiring: Wiring, project: str, around: Surroundings, cluster: Cluster) -> None:
    """Check every pair and port against the wiring and against the evaluator."""
    spaces = [f"{project}-{domain}" for domain in DOMAINS.values()]
    for space in spaces:  # a pod of before an edit would be there twice
        cluster.wait_for_rollouts(space)
    network = Network.of(cluster, *spaces, around.tasks, around.ingress, around.stranger)
    assert set(APPS) | set(TASKS) < set(network.pods)
    expected = network.evaluated()
    actual = network.settled(expected)
    print(f"{network.probes} probes, {len(actual)} let through, {len(wiring.edges)} edges")
    assert actual == expected, f"evaluator: {differences(actual, expected)}"
    declared = {(caller, callee, HTTP) for caller, callee in wiring.edges}
    declared |= {("controller", app, HTTP) for app in PUBLIC}
    to_apps: Matrix = frozenset(each for each in actual if each[1] in APPS)
    assert to_apps == declared, f"wiring: {differences(to_apps, frozenset(declared))}"
    reach_metadata = {source for source, target, _ in actual if target == METADATA}
    assert "stranger" in reach_metadata, "the address answers where no policy hinders"
    assert not reach_metadata & set(APPS)
    assert not network.without_names(), "everybody has DNS"


def edge_policies(changed: set[str]) -> set[str]:
    """The edges whose policies changed, as `caller callee`. Other policies are there by their names."""
    kind = "kubernetes:networking.k8s.io/v1:NetworkPolicy::"
    policies = [name.removeprefix(kind) for name in changed if name.startswith(kind)]
    return {re.sub(r"^([^.]+)\.(calls|to)(-input)?\.([^.]+).*", r"\1 \4", name) for name in policies}
