"""A task that apps of a cluster start, and that calls them. It runs on the Flyte control plane that is configured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.links import AppLink
from pulumi_flyte.platforms.base import DeclaredTask
from pulumi_flyte.platforms.flyte import flyte_delivery
from pulumi_flyte.platforms.flyte_api.task import FlyteTaskPlan
from pulumi_flyte.platforms.kubernetes import declared_namespaces
from pulumi_flyte.platforms.kubernetes.calls_in_code import called_in_code
from pulumi_flyte.platforms.kubernetes.network.label_collisions import collision_problem, remember
from pulumi_flyte.platforms.kubernetes.network.warnings import edge_warnings
from pulumi_flyte.platforms.kubernetes.policy_objects import declare_edge_policies, surroundings_of
from pulumi_flyte.problems import Problem
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.pairs import Pairs, Peer, pairs_of
from pulumi_flyte.workload.manifest import Manifest
from pulumi_flyte.workload.task_spec import TaskSpec

NO_ENDPOINT = (
    "Kubernetes alone does not run tasks, so a task needs a Flyte control plane: pulumi config set flyte:endpoint"
    " dns:///flyte.example.com. Or declare the task in another Environment, such as"
    ' Environment("tasks", platform="flyte", endpoint="dns:///flyte.example.com"), but then no app of this Environment'
    " can be wired to it"
)


def plan_task(spec: TaskSpec, settings: Settings) -> KubernetesTaskPlan:
    """Plan a task. Its image is planned once, which reads files."""
    delivery = flyte_delivery(spec.container, settings, spec.name)
    return KubernetesTaskPlan(spec, settings, FlyteTaskPlan(spec, settings, delivery))


@dataclass(frozen=True, slots=True)
class KubernetesTaskPlan:
    """A task as on the platform `flyte`. Its pods are let in to the apps that it calls."""

    spec: TaskSpec
    settings: Settings
    on_flyte: FlyteTaskPlan

    @property
    def problems(self) -> Sequence[Problem]:
        """The problems of the specification on this platform."""
        if not self.settings.endpoint:
            return [Problem("environment", NO_ENDPOINT)]
        collision = collision_problem(self._caller, calls_apps=bool(self._pairs))
        labels = [] if collision is None else [Problem("name", collision, self.spec.name)]
        return [*self.on_flyte.problems, *labels]

    @property
    def warnings(self) -> Sequence[str]:
        """The warnings that a preview shows."""
        edges = self.spec.edges.inputs
        network = edge_warnings(
            surroundings_of(self.settings), self.spec.name, edges, declared_namespaces.seen_by_program()
        )
        return [*self.on_flyte.warnings, *network]

    @property
    def manifest(self) -> Manifest:
        """The files and packages of the workload."""
        return self.on_flyte.manifest._replace(in_code=tuple(link.name for link in self._called_in_code()))

    def declare(self, owner: Owner, waits_for: Sequence[pulumi.Resource]) -> DeclaredTask:
        """Declare the task and the policies of its edges."""
        remember(self._caller, calls_apps=bool(self._pairs))
        policies = declare_edge_policies(self._caller, self._pairs, self.settings, owner)
        return self.on_flyte.declare(owner, [*waits_for, *policies])

    @property
    def _caller(self) -> Peer:
        return Peer.of(self.spec.identity)

    @property
    def _pairs(self) -> Pairs:
        """The pairs that the task is the caller of."""
        return pairs_of(self._caller, self.spec.edges.inputs, self.spec.starts, self._called_in_code())

    def _called_in_code(self) -> list[AppLink]:
        return called_in_code(self.spec.name, self.spec.depends_on, self.settings)
