"""A task that apps of a cluster start, and that calls them. It runs on the Flyte control plane that is configured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.platforms.base import DeclaredTask
from pulumi_flyte.platforms.flyte import flyte_delivery
from pulumi_flyte.platforms.flyte_api.task import FlyteTaskPlan
from pulumi_flyte.platforms.kubernetes.policy_objects import declare_edge_policies
from pulumi_flyte.problems import Problem
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.pairs import Peer, pairs_of
from pulumi_flyte.workload.task_spec import TaskSpec

NO_ENDPOINT = (
    "Kubernetes alone runs no tasks, so a task needs a Flyte control plane: pulumi config set flyte:endpoint"
    " dns:///flyte.example.com, or declare it in an Environment of its own, such as"
    ' Environment("tasks", platform="flyte", endpoint="dns:///flyte.example.com")'
)


@dataclass(frozen=True, slots=True)
class KubernetesTaskPlan:
    """A task as on the platform `flyte`. Its pods are let in to the apps that it calls."""

    spec: TaskSpec
    settings: Settings

    @property
    def problems(self) -> Sequence[Problem]:
        """The problems of the specification on this platform."""
        return self._on_flyte.problems if self.settings.endpoint else [Problem("environment", NO_ENDPOINT)]

    @property
    def warnings(self) -> Sequence[str]:
        """The warnings that a preview shows."""
        return self._on_flyte.warnings

    def declare(self, owner: Owner, waits_for: Sequence[pulumi.Resource]) -> DeclaredTask:
        """Declare the task and the policies of its edges."""
        caller = Peer.of(self.spec.identity)
        pairs = pairs_of(caller, self.spec.edges.inputs)
        policies = declare_edge_policies(caller, pairs, self.settings, owner)
        return self._on_flyte.declare(owner, [*waits_for, *policies])

    @property
    def _on_flyte(self) -> FlyteTaskPlan:
        return FlyteTaskPlan(
            self.spec, self.settings, flyte_delivery(self.spec.container, self.settings, self.spec.name)
        )
