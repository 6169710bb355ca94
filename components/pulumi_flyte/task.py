"""`Task`: a function or a container that runs to completion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, TypedDict

import pulumi

from pulumi_flyte import api
from pulumi_flyte.arguments.image import Image, ImageDict
from pulumi_flyte.arguments.resources import Resources, ResourcesDict
from pulumi_flyte.arguments.task import TaskArguments
from pulumi_flyte.arguments.task_interface import TaskInterface, TaskInterfaceDict
from pulumi_flyte.arguments.trigger import Trigger, TriggerDict
from pulumi_flyte.engine import names_in_use
from pulumi_flyte.engine.keywords import checked_keywords, crossing, given_arguments
from pulumi_flyte.environment import EnvironmentArgument, settings_of
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.links import TaskLink, TaskLinkDict, WorkloadInput, WorkloadSecret
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.read_source import ReadSource
from pulumi_flyte.wiring import auth, program
from pulumi_flyte.wiring.crossing import Consumer
from pulumi_flyte.wiring.edges import edges_of
from pulumi_flyte.wiring.options import child_options
from pulumi_flyte.workload import task_spec


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


class Task(pulumi.ComponentResource):
    """Work that is started with inputs, runs to completion and has outputs. Each version stays; dependents are pinned.

    environment: the `Environment` that it runs in.
    source: `file.py:function`, a Flyte task; or none, with `image`, `command` and `interface`.
    interface: `{"inputs": {"text": "str"}, "outputs": {"count": "int"}}`, for an image.
    image: the URI of a container image, or `Image(packages=[…])`.
    inputs: what it may call, by alias: an `App`, a `Task`, `AppEndpoint`, `TaskRef`, `Link(…)` or a plain string.
    secrets: variable name -> `Secret`; each run reads the current value.
    resources: `{"cpu": "500m", "memory": ("512Mi", "1Gi"), "gpu": "T4:1"}`; a pair is request and limit.
    retries: how often a failed run is repeated. timeout: seconds that one attempt may take.
    cache: True, or a cache version.
    triggers: name -> cron expression, or `{"cron": …, "timezone": …, "inputs": {…}}`, or `{"interval_minutes": 30}`.
    name: the Flyte name; a Flyte task's own (`environment.function`) wins.

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
        given = given_arguments(locals())
        problems = Problems()
        settings = settings_of(environment, problems)
        if settings is not None and not problems:
            problems.add("name", names_in_use.name_problem("Task", resource_name, settings.place, opts))
        edges = edges_of(inputs, secrets, Consumer("Task", resource_name, settings), problems)
        spec = None if settings is None else task_spec.build(resource_name, given, settings, edges, problems)
        if problems or settings is None or spec is None:
            raise ArgumentsError("Task", resource_name, problems.found)
        props = {camel(key): crossing(value) for key, value in given.items()}
        names_in_use.claim("Task", resource_name, settings.place, opts)
        super().__init__(
            "flyte:index:Task",
            resource_name,
            {**props, "environment": settings.as_dict(), **edges.props()},
            opts,
        )
        flyte_name = spec.arguments["name"]
        for warning in [*spec.warnings, *auth.warnings(flyte_name, edges.inputs, settings, guarded=False)]:
            pulumi.log.warn(warning, self)
        auth.warn_of_late_links(self, edges.inputs)
        caller = auth.subject("task", flyte_name, settings)
        credentials = auth.declare(self, resource_name, caller, spec.credentials, settings, opts, environment)
        declared = program.current(settings)
        earlier = declared.declare(flyte_name, edges.waits_for_names(settings), spec.depends_on)
        self.resource = api.Task(
            resource_name,
            **spec.arguments,
            opts=child_options(self, opts, environment, [*edges.waits_for, *credentials.values(), *earlier]),
        )
        declared.resources[flyte_name] = self.resource
        self._declare_triggers(resource_name, spec, settings, opts, environment)
        version, plane = spec.arguments["version"], settings.control_plane
        self.link_value = TaskLink(settings.project, settings.domain, flyte_name, version, control_plane=plane)
        outputs: dict[str, Any] = {
            "name": self.name,
            "version": self.version,
            "consoleUrl": self.console_url,
            "link": {**self.link_value.as_dict(), "version": self.version},
        }
        self._link = outputs["link"]
        self.register_outputs(outputs)

    @property
    def name(self) -> pulumi.Output[str]:
        """Its Flyte name."""
        return self.resource.name

    @property
    def version(self) -> pulumi.Output[str]:
        """Changes with its code, its wiring and everything else that it consists of, secrets excepted."""
        return self.resource.version

    @property
    def console_url(self) -> pulumi.Output[str]:
        """Its page in the console."""
        return self.resource.console_url

    @property
    def link(self) -> pulumi.Output[TaskLinkDict]:
        """What a component of another stack or language takes in place of this task. Made when asked for: an output of
        a mapping is an output of each of its values, and most programs want none of them."""
        link: pulumi.Output[TaskLinkDict] = pulumi.Output.from_input(self._link)
        return link

    def _declare_triggers(
        self,
        resource_name: str,
        spec: task_spec.TaskArguments,
        settings: Settings,
        opts: pulumi.ResourceOptions | None,
        environment: Any,
    ) -> None:
        """Triggers stand alone, since a deploy without any leaves the last one of the task firing."""
        for trigger in spec.triggers:
            api.Trigger(
                f"{resource_name}-{trigger['name']}",
                **trigger,
                task=spec.arguments["name"],
                task_version=self.resource.version,
                project=settings.project,
                domain=settings.domain,
                org=settings.org or None,
                instance=settings.instance,
                opts=child_options(self, opts, environment),
            )
