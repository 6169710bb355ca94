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
from pulumi_flyte.component import Workload, checked, manifest_of
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

    Raises ArgumentsError with every problem.
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
        """Work that is started with inputs, runs to completion and has outputs. Each version stays; dependents are
        pinned.

        Args:
            resource_name: The Pulumi name.
            environment: The Environment that it runs in.
            source: `file.py:function`: a Flyte task. Without a source, an image, its command and its interface.
            image: The URI of a container image, or what it is made of: on `local` its packages become an environment of
                their own.
            command: The program and its arguments, if there is no source.
            interface: The inputs and outputs, if there is no source.
            inputs: What it may call, by alias: an App, a Task, a reference by name, a link with options for its edge,
                or a plain string.
            secrets: Variable name to a Secret; each run reads the current value.
            env: Plain environment variables.
            resources: What the container asks for and may use; a pair is request and limit.
            retries: How often a failed run is repeated, at most 100 times.
            timeout: Seconds that one attempt may take.
            cache: True, or a cache version. Default: `False`.
            triggers: Name to a cron expression, or to a schedule with inputs.
            include: More files of the bundle: paths, folders or globs.
            description: A short text.
            adopt: Take over an object that exists and is not this resource's. Default: `False`.
            name: The Flyte name, by default the Pulumi name; a Flyte task's own (`environment.function`) wins.
            opts: Options of Pulumi, such as `parent`, `protect` and `depends_on`.
        """
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
                **manifest_of(plan),
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
