"""`Workload`: what apps and tasks have in common as components."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import pulumi

from pulumi_flyte.arguments.declaration import Declaration
from pulumi_flyte.arguments.workload import properties_of
from pulumi_flyte.engine.object_options import without_hooks
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.platforms.base import DeclaredApp, DeclaredTask, Plan
from pulumi_flyte.problems import Problems
from pulumi_flyte.registration import Registration
from pulumi_flyte.settings import Settings
from pulumi_flyte.version import VERSION
from pulumi_flyte.wiring import program, uncredentialed
from pulumi_flyte.wiring.edge import Edges
from pulumi_flyte.workload.manifest import OUTPUT, Document, Manifest
from pulumi_flyte.workload.site import Site

# A program of apps does not pay for the specification of tasks.
if TYPE_CHECKING:
    from pulumi_flyte.arguments.app import AppArguments
    from pulumi_flyte.arguments.task import TaskArguments
    from pulumi_flyte.workload.app_spec import AppSpec
    from pulumi_flyte.workload.task_spec import TaskSpec

PlanT = TypeVar("PlanT", bound="Plan[AppSpec | TaskSpec, object]")
DeclaredT = TypeVar("DeclaredT", bound=DeclaredApp | DeclaredTask)


def checked(
    registration: Registration,
    arguments: AppArguments | TaskArguments,
    plan_at: Callable[[Site], PlanT],
    problems: Problems,
) -> tuple[Settings, PlanT]:
    """Check everything, and plan the workload by `plan_at`. Raises ArgumentsError with every problem."""
    site = registration.site(arguments.inputs, arguments.secrets, problems)
    if site is not None:
        plan = plan_at(site)
        problems.extend(plan.problems)
        if not problems:
            return site.settings, plan
    raise ArgumentsError(registration.kind, registration.name, problems.entries)


class Workload(pulumi.ComponentResource):
    """An `App` or a `Task`. Both may stand in `inputs`."""

    def __init__(self, registration: Registration, arguments: Declaration, settings: Settings, edges: Edges) -> None:
        """Register the component. Everything has been checked."""
        registration.claim(settings)
        properties = {**properties_of(arguments), "environment": settings.as_dict(), **edges.stored()}
        options = without_hooks(registration.options)
        super().__init__(f"flyte:index:{registration.kind}", registration.name, properties, options)

    def _declare_resources(
        self, registration: Registration, settings: Settings, plan: Plan[AppSpec | TaskSpec, DeclaredT]
    ) -> DeclaredT:
        """Show the warnings, and declare the resources after those that the workload waits for."""
        spec = plan.spec
        by_name = uncredentialed.warnings_by_name(
            spec.name, spec.edges.apps, settings, guarded=spec.requires_credentials
        )
        for warning in [*plan.warnings, *by_name]:
            pulumi.log.warn(warning, self)
        uncredentialed.warn_of_late_edges(self, spec.edges.inputs)

        run = program.current(settings)
        earlier = run.declare(spec.name, spec.edges.callees(settings.project, settings.domain), spec.depends_on)
        declared = plan.declare(registration.owner(self, settings), earlier)
        run.resources[spec.name] = declared.resource
        self.resource, self.link_value = declared.resource, declared.link
        return declared


def manifest_of(plan: Plan[AppSpec | TaskSpec, object]) -> dict[str, Document]:
    """Return the output of a workload that says what it is made of."""
    plugin = Manifest(packages={"pulumi-flyte": VERSION})
    manifest = plan.manifest.joined(plugin)._replace(contract=plan.spec.contract, starts=plan.spec.starts)
    return {OUTPUT: manifest.as_dict()}
