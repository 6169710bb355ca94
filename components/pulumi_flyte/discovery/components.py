"""The components of one call of `discover`: which Pulumi names they take, and their declaration in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pulumi

from pulumi_flyte.app import App
from pulumi_flyte.discovery.overrides import Overrides
from pulumi_flyte.discovery.plan import Plan, Workload
from pulumi_flyte.discovery.result import Discovered
from pulumi_flyte.engine import names_in_use
from pulumi_flyte.environment import EnvironmentArgument
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.problems import Problem
from pulumi_flyte.secret import Secret
from pulumi_flyte.settings import Settings
from pulumi_flyte.task import Task
from pulumi_flyte.wiring import program
from pulumi_flyte.wiring.crossing import crossing_problem

_KINDS = {"app": "App", "task": "Task"}


@dataclass(frozen=True)
class Components:
    """The components that a plan asks for, in one environment.

    `prefix` is what their Pulumi names begin with, `secrets` has a Secret or a value by key, and `overrides` arguments
    of single components. `adopt` takes over what exists on the platform already. `discovered` fills as they are
    declared.
    """

    plan: Plan
    environment: EnvironmentArgument
    settings: Settings
    prefix: str
    secrets: Mapping[str, Secret | pulumi.Input[str]]
    overrides: Overrides
    adopt: bool | None = None
    discovered: Discovered = field(default_factory=Discovered)

    def name_problem(self) -> str | None:
        """Return the problem with Pulumi names that this program uses already, all of them in one sentence."""
        places = {(kind, name): names_in_use.place_of(kind, f"{self.prefix}{name}") for kind, name in self._names()}
        declared = [f"{kind} {self.prefix + name!r} (in {place})" for (kind, name), place in places.items() if place]
        if not declared:
            return None
        listed = ", ".join(declared)
        if self.settings.place in places.values():
            return (
                f"this program has already declared {listed}. A name can be declared only once in a project and domain:"
                " pass all files to one call of discover"
            )
        return (
            f"this program has already declared {listed}. Pulumi needs a different name for each component: give the"
            f" names of this call (for {self.settings.place}) a prefix, such as"
            f' discover(…, prefix="{self.settings.project}-")'
        )

    def _names(self) -> list[tuple[str, str]]:
        """Return the kind and name of each component that will be declared and has no parent."""
        workloads = [each for each in self.plan.ordered if not _has_parent(self.overrides.of(each).get("opts"))]
        keys = [key for key in self.plan.secret_keys if self._existing_secret(key) is None]
        return [*((_KINDS[each.kind], each.name) for each in workloads), *(("Secret", key) for key in keys)]

    def declare_secrets(self) -> list[Problem]:
        """Declare the secrets that the code requests. Returns their problems."""
        return [problem for key in self.plan.secret_keys for problem in self._declare_secret(key)]

    def declare_workloads(self) -> list[Problem]:
        """Declare the apps and tasks, each after those that it waits for. Returns their problems."""
        here = program.current(self.settings)
        for workload in self.plan.ordered:
            here.endpoints[workload.name] = set(workload.endpoints)
            for name in workload.endpoints:
                here.callers_by_name.setdefault(name, set()).add(workload.name)
        return [problem for workload in self.plan.ordered for problem in self._declare_workload(workload)]

    def _declare_secret(self, key: str) -> list[Problem]:
        path = f"secrets.{key}"
        try:
            secret = self.discovered.secrets[key] = self._existing_secret(key) or self._new_secret(key)
        except ArgumentsError as error:
            return _below(path, error)
        reason = crossing_problem(secret.link_value, self.settings)
        return [] if reason is None else [Problem(path, reason)]

    def _existing_secret(self, key: str) -> Secret | None:
        """Return the Secret that the caller passes, or else one that the program declared before."""
        value = self.secrets.get(key)
        secret = program.current(self.settings).secrets.get(key) if value is None else value
        return secret if isinstance(secret, Secret) else None

    def _new_secret(self, key: str) -> Secret:
        """Declare a secret with the value that the caller passes, or else one that somebody else keeps."""
        name, value = f"{self.prefix}{key}", self.secrets.get(key)
        if value is None or isinstance(value, Secret):
            return Secret(name, name=key, environment=self.environment, existing=True)
        return Secret(name, name=key, environment=self.environment, value=value, adopt=self.adopt)

    def _declare_workload(self, workload: Workload) -> list[Problem]:
        arguments = {"adopt": self.adopt, **self.overrides.of(workload)}
        opts = arguments.pop("opts", None)
        if not isinstance(opts, (pulumi.ResourceOptions, type(None))):
            return [Problem(f"{workload.name}.opts", "expected a pulumi.ResourceOptions", opts)]
        secrets = arguments.pop("secrets", None) or {}
        arguments |= {
            "environment": self.environment,
            "source": workload.source,
            "secrets": {**self._variables(workload), **secrets} if isinstance(secrets, Mapping) else secrets,
            "opts": pulumi.ResourceOptions.merge(opts, self._order(workload)),
        }
        try:
            if workload.kind == "app":
                self.discovered.apps[workload.name] = App(f"{self.prefix}{workload.name}", **arguments)
            else:
                self.discovered.tasks[workload.name] = Task(f"{self.prefix}{workload.name}", **arguments)
        except ArgumentsError as error:
            return _below(workload.name, error)
        return []

    def _variables(self, workload: Workload) -> dict[str, Secret]:
        """Return the secrets that the workload reads from variables."""
        secrets = self.discovered.secrets
        return {each.variable: secrets[each.key] for each in workload.secrets if each.variable is not None}

    def _order(self, workload: Workload) -> pulumi.ResourceOptions:
        """Return the options with what the workload waits for.

        A secret that is mounted as a file has no variable to be wired by.
        """
        apps, tasks = self.discovered.apps, self.discovered.tasks
        components = [each for name in self.plan.waits[workload.name] for each in (apps.get(name), tasks.get(name))]
        mounted = [self.discovered.secrets[each.key] for each in workload.secrets if each.variable is None]
        resources = [each.resource for each in (*components, *mounted) if each is not None]
        return pulumi.ResourceOptions(depends_on=resources)


def _has_parent(opts: object) -> bool:
    return isinstance(opts, pulumi.ResourceOptions) and names_in_use.has_parent(opts)


def _below(path: str, error: ArgumentsError) -> list[Problem]:
    """Return a component's problems below its name, so that those of all components are reported at once."""
    return [replace(problem, path=f"{path}.{problem.path}") for problem in error.problems]
