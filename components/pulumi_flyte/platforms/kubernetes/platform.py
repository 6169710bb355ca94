"""A cluster: apps are its objects, and tasks go to a Flyte control plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.platforms.base import DeclaredApp, DeclaredSecret, DeclaredTask
from pulumi_flyte.platforms.extra import missing_extra
from pulumi_flyte.platforms.flyte_api.sdk_variables import sdk_variables
from pulumi_flyte.platforms.flyte_api.secret import declare_secret
from pulumi_flyte.problems import Problem
from pulumi_flyte.settings import Settings
from pulumi_flyte.workload.app_spec import AppSpec
from pulumi_flyte.workload.secret_spec import SecretSpec
from pulumi_flyte.workload.task_spec import TaskSpec

_NOT_YET = "apps and tasks cannot be deployed to `kubernetes` yet"


@dataclass(frozen=True, slots=True)
class KubernetesAppPlan:
    """An app that becomes objects of a cluster."""

    spec: AppSpec
    settings: Settings

    @property
    def problems(self) -> Sequence[Problem]:
        """The problems of the specification on this platform."""
        return [Problem("environment", _NOT_YET)]

    @property
    def warnings(self) -> Sequence[str]:
        """The warnings that a preview shows."""
        return self.spec.warnings

    def declare(self, owner: Owner, waits_for: Sequence[pulumi.Resource]) -> DeclaredApp:
        """Declare the objects."""
        raise NotImplementedError(_NOT_YET)


@dataclass(frozen=True, slots=True)
class KubernetesTaskPlan:
    """A task that apps of a cluster start, and that calls them."""

    spec: TaskSpec
    settings: Settings

    @property
    def problems(self) -> Sequence[Problem]:
        """The problems of the specification on this platform."""
        return [Problem("environment", _NOT_YET)]

    @property
    def warnings(self) -> Sequence[str]:
        """The warnings that a preview shows."""
        return self.spec.warnings

    def declare(self, owner: Owner, waits_for: Sequence[pulumi.Resource]) -> DeclaredTask:
        """Declare the task."""
        raise NotImplementedError(_NOT_YET)


class KubernetesPlatform:
    """Apps run in a namespace of a cluster."""

    def prepared(self, name: str, settings: Settings, opts: pulumi.ResourceOptions) -> Settings:
        return settings

    def environment_problems(self, settings: Settings) -> Sequence[Problem]:
        reason = missing_extra()
        return () if reason is None else (Problem("platform", reason, settings.platform),)

    def container_variables(self, settings: Settings) -> Mapping[str, str]:
        return sdk_variables(settings)

    def plan_app(self, spec: AppSpec, settings: Settings) -> KubernetesAppPlan:
        return KubernetesAppPlan(spec, settings)

    def plan_task(self, spec: TaskSpec, settings: Settings) -> KubernetesTaskPlan:
        return KubernetesTaskPlan(spec, settings)

    def declare_secret(self, spec: SecretSpec, settings: Settings, owner: Owner) -> DeclaredSecret:
        return declare_secret(spec, settings, owner)
