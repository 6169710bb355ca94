"""`Task`: a function or a container that runs to completion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypedDict

import pulumi

from pulumi_flyte.arguments.image import Image, ImageDict
from pulumi_flyte.arguments.resources import Resources, ResourcesDict
from pulumi_flyte.arguments.task import TaskArguments
from pulumi_flyte.arguments.task_interface import TaskInterface, TaskInterfaceDict
from pulumi_flyte.arguments.trigger import Trigger, TriggerDict
from pulumi_flyte.component import Workload, checked
from pulumi_flyte.engine.keywords import checked_keywords
from pulumi_flyte.engine.outputs import output_of
from pulumi_flyte.environment import EnvironmentArgument
from pulumi_flyte.links import TaskLinkDict, WorkloadInput, WorkloadSecret
from pulumi_flyte.platforms import platform_of
from pulumi_flyte.platforms.base import DeclaredTask, Plan
from pulumi_flyte.problems import Problems
from pulumi_flyte.registration import Registration
from pulumi_flyte.source.read_source import ReadSource
from pulumi_flyte.workload.site import Site
from pulumi_flyte.workload.task_builder import task_spec
from pulumi_flyte.workload.task_spec import TaskSpec


class TaskOverrides(TypedDict, total=False):
    """Arguments of a Task that `discover` takes besides those that come from the code."""

    image: pulumi.Input[str] | Image | ImageDict | None
    inputs: Mapping[str, WorkloadInput] | None
    secrets: Mapping[str, WorkloadSecret] | None
    env: Mapping[str, pulumi.Input[str]] | None
    resources: Resources | ResourcesDict | None
    retries: int | None
    timeout: float | timedelta | None
    cache: bool | str | None
    triggers: Mapping[str, str | timedelta | Trigger | TriggerDict] | None
    include: Sequence[str] | None
    description: str | None
    adopt: bool | None
    opts: pulumi.ResourceOptions | None


class Task(Workload):
    """Work that is started with inputs, runs to completion and has outputs. Each version stays; dependents are pinned.

    Its arguments are described in `TaskArguments`. Raises ArgumentsError with every problem.
    """

    @checked_keywords(TaskArguments)
    def __init__(
        self,
        resource_name: str,
        *,
        environment: EnvironmentArgument,
        source: str | ReadSource | None = None,
        image: pulumi.Input[str] | Image | ImageDict | None = None,
        command: Sequence[pulumi.Input[str]] | None = None,
        interface: TaskInterface | TaskInterfaceDict | None = None,
        inputs: Mapping[str, WorkloadInput] | None = None,
        secrets: Mapping[str, WorkloadSecret] | None = None,
        env: Mapping[str, pulumi.Input[str]] | None = None,
        resources: Resources | ResourcesDict | None = None,
        retries: int | None = None,
        timeout: float | timedelta | None = None,
        cache: bool | str | None = None,
        triggers: Mapping[str, str | timedelta | Trigger | TriggerDict] | None = None,
        include: Sequence[str] | None = None,
        description: str | None = None,
        adopt: bool | None = None,
        name: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        problems = Problems()
        arguments = TaskArguments.collect(
            problems,
            environment=environment,
            source=source,
            image=image,
            command=command,
            interface=interface,
            inputs=inputs,
            secrets=secrets,
            env=env,
            resources=resources,
            retries=retries,
            timeout=timeout,
            cache=cache,
            triggers=triggers,
            include=include,
            description=description,
            adopt=adopt,
            name=name,
        )
        registration = Registration("Task", resource_name, environment, opts)

        def plan_at(site: Site) -> Plan[TaskSpec, DeclaredTask]:
            return platform_of(site.settings).plan_task(task_spec(arguments, site, problems), site.settings)

        settings, plan = checked(registration, arguments, plan_at, problems)
        super().__init__(registration, arguments, settings, plan.spec.edges)
        declared = self._declared = self._declare_resources(registration, settings, plan)
        self._link: TaskLinkDict = {**declared.link.as_dict(), "version": declared.version}
        self.register_outputs(
            {
                "name": declared.name,
                "version": declared.version,
                "consoleUrl": declared.console_url,
                "link": self._link,
            }
        )

    @property
    def name(self) -> pulumi.Output[str]:
        """Its Flyte name."""
        return self._declared.name

    @property
    def version(self) -> pulumi.Output[str]:
        """Changes with its code, its wiring and everything else that it consists of, secrets excepted."""
        return self._declared.version

    @property
    def console_url(self) -> pulumi.Output[str]:
        """Its page in the console."""
        return self._declared.console_url

    @property
    def link(self) -> pulumi.Output[TaskLinkDict]:
        """The reference to this task that components of other stacks and languages take.

        It is made when it is read. An output of a mapping is an output of each value, and most programs read none.
        """
        return output_of(self._link)
