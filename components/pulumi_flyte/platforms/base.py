"""`Platform`: what turns a specification into resources.

A platform first makes a plan of a specification. The plan has the problems that the specification has on this platform,
and the warnings for a preview. A plan without problems is declared once, below the component that it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

import pulumi

# Imported for types only, so a program that has only apps does not load the specification of tasks.
if TYPE_CHECKING:
    from pulumi_flyte.engine.object_options import ObjectProperties
    from pulumi_flyte.engine.owner import Owner
    from pulumi_flyte.links import AppLink, SecretLink, TaskLink
    from pulumi_flyte.problems import Problem
    from pulumi_flyte.settings import Settings
    from pulumi_flyte.wiring.edge import CallerKey
    from pulumi_flyte.workload.app_spec import AppSpec
    from pulumi_flyte.workload.manifest import Manifest
    from pulumi_flyte.workload.secret_spec import SecretSpec
    from pulumi_flyte.workload.task_spec import TaskSpec


class Access(NamedTuple):
    """The arguments of an app that say who may call it. None: not set."""

    requires_auth: bool | None = None
    public: bool | None = None


class DeclaredApp(NamedTuple):
    """An app's resources. Dependents wait for `resource`. `key` exists if callers need credentials."""

    resource: pulumi.Resource
    link: AppLink
    key: CallerKey | None
    endpoint: pulumi.Output[str]
    public_endpoint: pulumi.Output[str]
    console_url: pulumi.Output[str]
    version: pulumi.Output[str]


class DeclaredTask(NamedTuple):
    """A task's resources. Dependents wait for `resource`."""

    resource: pulumi.Resource
    link: TaskLink
    name: pulumi.Output[str]
    console_url: pulumi.Output[str]
    version: pulumi.Output[str]


class DeclaredSecret(NamedTuple):
    """A secret's resources. Dependents wait for `resource`."""

    resource: pulumi.Resource
    link: SecretLink
    version: pulumi.Output[str]


SpecT_co = TypeVar("SpecT_co", covariant=True)
DeclaredT_co = TypeVar("DeclaredT_co", covariant=True)


class Plan(Protocol[SpecT_co, DeclaredT_co]):
    """A platform's plan for one workload."""

    @property
    def spec(self) -> SpecT_co:
        """The specification."""

    @property
    def problems(self) -> Sequence[Problem]:
        """The problems of the specification on this platform."""

    @property
    def warnings(self) -> Sequence[str]:
        """The warnings that a preview shows."""

    @property
    def manifest(self) -> Manifest:
        """The files and packages of the workload."""

    def declare(self, owner: Owner, waits_for: Sequence[pulumi.Resource]) -> DeclaredT_co:
        """Declare the resources. They come after `waits_for` and what the workload's edges wait for."""


class Platform(Protocol):
    """A place where workloads run."""

    def prepared(self, name: str, settings: Settings, opts: pulumi.ResourceOptions) -> Settings:
        """Declare what an environment itself needs, and return the settings that its workloads get."""

    def environment_problems(self, settings: Settings) -> Sequence[Problem]:
        """Return why an environment with these settings cannot be on this platform."""

    def container_variables(self, settings: Settings) -> Mapping[str, str]:
        """Return the variables that the platform adds to those of every container."""

    def object_properties(self, kind: str) -> ObjectProperties | None:
        """Return the properties of the one resource that a component stands for, or None for several resources."""

    def plan_app(self, spec: AppSpec, settings: Settings) -> Plan[AppSpec, DeclaredApp]:
        """Plan an app."""

    def plan_task(self, spec: TaskSpec, settings: Settings) -> Plan[TaskSpec, DeclaredTask]:
        """Plan a task."""

    def is_open(self, access: Access, settings: Settings) -> bool:
        """Return whether everybody may call an app, wherever the call comes from."""

    def needs_credentials(self, access: Access) -> bool:
        """Return whether a wired caller reaches an app only with a credential."""

    def separates_workloads(self) -> bool:
        """Return whether a workload reaches others by its wiring only, even an app that is open to everybody."""

    def secret_problems(self, spec: SecretSpec) -> Sequence[Problem]:
        """Return why this platform cannot have a secret."""

    def declare_secret(self, spec: SecretSpec, settings: Settings, owner: Owner) -> DeclaredSecret:
        """Declare a secret."""
