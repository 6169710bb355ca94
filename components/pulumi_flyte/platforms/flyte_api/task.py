"""A task as `flyte:api:Task`, with one `flyte:api:Trigger` for each of its triggers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from pulumi_flyte import api
from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.links import TaskLink
from pulumi_flyte.naming import names
from pulumi_flyte.platforms.base import DeclaredTask
from pulumi_flyte.platforms.flyte_api.bundles import stage
from pulumi_flyte.platforms.flyte_api.credentials import credential_requests, declare_credentials
from pulumi_flyte.platforms.flyte_api.delivery import Delivery
from pulumi_flyte.platforms.flyte_api.properties import placement, secret_property, version_over
from pulumi_flyte.problems import Problem
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import Json
from pulumi_flyte.wiring.variables import wiring_variables
from pulumi_flyte.workload.manifest import Manifest
from pulumi_flyte.workload.task_spec import TaskOptions, TaskSpec
from pulumi_flyte.workload.trigger_spec import TriggerSpec


@dataclass(frozen=True, slots=True)
class FlyteTaskPlan:
    """A task that becomes one `flyte:api:Task`, with its triggers and its credentials."""

    spec: TaskSpec
    settings: Settings
    delivery: Delivery

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of the specification on this platform."""
        return self.delivery.problems

    @property
    def warnings(self) -> list[str]:
        """The warnings that a preview shows."""
        return [*self.delivery.warnings, *self.spec.warnings]

    @property
    def manifest(self) -> Manifest:
        """The files and packages of the workload."""
        return Manifest.of_bundle(self.spec.container.bundle).joined(self.delivery.manifest)

    def declare(self, owner: Owner, waits_for: Sequence[pulumi.Resource]) -> DeclaredTask:
        """Declare the resources."""
        spec, settings = self.spec, self.settings
        image = self.delivery.image.declare(owner)
        credentials = declare_credentials(spec.credentials, settings, owner)
        properties = self.properties()
        task = api.Task(
            owner.name,
            **properties,
            **placement(settings, adopt=spec.options.adopt),
            # As the plugin computes it. It is sent along, so that it is known in a unit test without a plugin.
            console_url=names.console_url("tasks", spec.name, settings.target),
            opts=owner.main_options(
                [
                    *([] if image is None else [image]),
                    *spec.edges.waits_for,
                    *(secret for _, secret in credentials),
                    *waits_for,
                ]
            ),
        )
        for trigger in spec.triggers:
            self._declare_trigger(trigger, task, owner)
        identity, plane = spec.identity, settings.control_plane
        link = TaskLink(identity.project, identity.domain, spec.name, properties["version"], control_plane=plane)
        return DeclaredTask(
            resource=task, link=link, name=task.name, console_url=task.console_url, version=task.version
        )

    def properties(self) -> dict[str, Any]:
        """Return what a version counts, and the version."""
        spec, container, delivery = self.spec, self.spec.container, self.delivery
        wiring = wiring_variables(spec.identity, spec.edges, self.settings.platform)
        properties = {
            "name": spec.name,
            "image": delivery.image.reference,
            "command": list(container.command) or None,
            "args": list(container.args) or None,
            "env": {**container.env, **wiring, **delivery.variables},
            "secrets": [*map(secret_property, container.secrets), *credential_requests(spec.credentials)] or None,
            "resources": container.resources and container.resources.properties(),
            "bundle": stage(spec.identity, self.settings, container.bundle, delivery.added_files),
            "template": _template(spec.definition, spec.options),
        }
        return {**properties, "version": version_over(properties)}

    def _declare_trigger(self, trigger: TriggerSpec, task: api.Task, owner: Owner) -> None:
        """Declare a trigger. It is a resource of its own, since a deploy of a task without any trigger leaves its last
        one firing."""
        api.Trigger(
            f"{owner.name}-{trigger.name}",
            name=trigger.name,
            task=self.spec.name,
            task_version=task.version,
            cron=trigger.cron,
            timezone=trigger.timezone,
            interval_minutes=trigger.interval_minutes,
            start_time=trigger.start_time,
            active=trigger.active,
            description=trigger.description,
            inputs=[{"name": item.name, "value": item.literal} for item in trigger.inputs] or None,
            env=trigger.env or None,
            kickoff_time_input=trigger.kickoff_time_input,
            # Who takes a task over takes its triggers over too: they are of the same code.
            **placement(self.settings, adopt=self.spec.options.adopt),
            opts=owner.child_options(),
        )


def _template(definition: Json, options: TaskOptions) -> dict[str, Any]:
    """Return the source's definition with what the arguments say differently."""
    task = dict(definition.get("taskTemplate", {}))
    metadata = dict(task.get("metadata", {}))
    if options.retries is not None:
        metadata["retries"] = {"retries": options.retries}
    if options.timeout is not None:
        metadata["timeout"] = f"{options.timeout}s"
    if options.cache is not None:
        metadata["discoverable"] = bool(options.cache)
        if isinstance(options.cache, str):
            metadata["discoveryVersion"] = options.cache
    security = task.get("securityContext", {})
    if options.service_account and "runAs" not in security:
        task["securityContext"] = {**security, "runAs": {"k8sServiceAccount": options.service_account}}
    template = {**definition, "taskTemplate": {**task, "metadata": metadata}}
    if options.description is not None:
        template["documentation"] = {**definition.get("documentation", {}), "shortDescription": options.description}
    return template
