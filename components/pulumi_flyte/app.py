"""`App`: a long-running service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, TypedDict

import pulumi
from flyte_runtime import contract

from pulumi_flyte import api
from pulumi_flyte.arguments.app import AppArguments
from pulumi_flyte.arguments.app_domain import AppDomain, AppDomainDict
from pulumi_flyte.arguments.console_link import ConsoleLink, ConsoleLinkDict
from pulumi_flyte.arguments.health import Health, HealthDict
from pulumi_flyte.arguments.image import Image, ImageDict
from pulumi_flyte.arguments.resources import Resources, ResourcesDict
from pulumi_flyte.arguments.scaling import Scaling, ScalingDict
from pulumi_flyte.arguments.timeouts import Timeouts, TimeoutsDict
from pulumi_flyte.engine import names_in_use
from pulumi_flyte.engine.keywords import checked_keywords, crossing, given_arguments
from pulumi_flyte.environment import EnvironmentArgument, settings_of
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.links import AppLink, AppLinkDict, WorkloadInput, WorkloadSecret
from pulumi_flyte.naming import names
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.read_source import ReadSource
from pulumi_flyte.wiring import auth, program
from pulumi_flyte.wiring.crossing import Consumer
from pulumi_flyte.wiring.edges import Edges, edges_of
from pulumi_flyte.wiring.options import child_options
from pulumi_flyte.workload import app_spec


class AppOverrides(TypedDict, total=False):
    """Arguments of an App that `discover` takes besides those that come from the code."""

    image: pulumi.Input[str] | Image | ImageDict | None
    port: int | None
    inputs: Mapping[str, WorkloadInput] | None
    secrets: Mapping[str, WorkloadSecret] | None
    env: Mapping[str, pulumi.Input[str]] | None
    resources: Resources | ResourcesDict | None
    scaling: Scaling | ScalingDict | None
    health: str | Health | HealthDict | None
    timeouts: float | timedelta | Timeouts | TimeoutsDict | None
    requires_auth: bool | None
    auth_rotation: str | None
    domain: AppDomain | AppDomainDict | None
    console_links: Sequence[ConsoleLink | ConsoleLinkDict] | None
    include: Sequence[str] | None
    service_account: str | None
    description: str | None
    active: bool | None
    adopt: bool | None
    opts: pulumi.ResourceOptions | None


class App(pulumi.ComponentResource):
    """A service that stays up and answers requests. Dependents start only after it answers its health path.

    environment: the `Environment` that it runs in.
    source: `file.py:attribute`, an ASGI application, a function that returns one, or a Flyte `AppEnvironment`; or none,
        with `image` and `command`.
    image: the URI of a container image, or `Image(packages=[…])`.
    command: the program and its arguments. Each element is one argument, no shell reads it, and no variable in it is
        replaced where code travels along (`include`).
    inputs: what it may call, by alias: an `App`, a `Task`, `AppEndpoint`, `TaskRef`, `Link(…)` or a plain string.
    secrets: variable name -> `Secret`.
    resources: `{"cpu": "500m", "memory": ("512Mi", "1Gi"), "gpu": "T4:1"}`; a pair is request and limit.
    scaling: `{"replicas": (0, 3), "concurrency": 10}`.
    domain: `{"subdomain": "shop"}` or `{"custom_domain": "shop.example.com"}`, where the platform serves one.
    console_links: `[{"path": "/docs", "title": "API"}]` on the app's console page.
    health: the path that answers 2xx once the app can take requests, `/healthz` for an ASGI source; or
        `{"path": …, "timeout": seconds}` for one that loads longer than a minute.
    timeouts: `{"request": 300}` seconds, at most 3600.
    requires_auth: True lets only the apps and tasks in that are wired to it, each with a credential of its own; people
        come in as the platform lets them. Unset, it is as the platform does by itself, also where a Flyte
        `AppEnvironment` says `requires_auth=True`.
    auth_rotation: any text; another one, such as the month, makes a new key and new credentials. The former ones stay
        good until the next rotation.
    include: more files of the bundle: paths, folders or globs.
    name: the Flyte name, by default the Pulumi name; at most 30 characters.

    Raises ArgumentsError with every problem.
    """

    @checked_keywords(AppArguments)
    def __init__(
        self,
        resource_name: str,
        *,
        environment: EnvironmentArgument,
        source: str | ReadSource | None = None,
        image: pulumi.Input[str] | Image | ImageDict | None = None,
        command: Sequence[pulumi.Input[str]] | None = None,
        args: Sequence[pulumi.Input[str]] | None = None,
        port: int | None = None,
        inputs: Mapping[str, WorkloadInput] | None = None,
        secrets: Mapping[str, WorkloadSecret] | None = None,
        env: Mapping[str, pulumi.Input[str]] | None = None,
        resources: Resources | ResourcesDict | None = None,
        scaling: Scaling | ScalingDict | None = None,
        health: str | Health | HealthDict | None = None,
        timeouts: float | timedelta | Timeouts | TimeoutsDict | None = None,
        requires_auth: bool | None = None,
        auth_rotation: str | None = None,
        domain: AppDomain | AppDomainDict | None = None,
        console_links: Sequence[ConsoleLink | ConsoleLinkDict] | None = None,
        include: Sequence[str] | None = None,
        service_account: str | None = None,
        description: str | None = None,
        active: bool | None = None,
        adopt: bool | None = None,
        name: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        given = given_arguments(locals())
        problems = Problems()
        settings = settings_of(environment, problems)
        if settings is not None and not problems:
            problems.add("name", names_in_use.name_problem("App", resource_name, settings.place, opts))
        edges = edges_of(inputs, secrets, Consumer("App", resource_name, settings), problems)
        built = None if settings is None else app_spec.build(resource_name, given, settings, edges, problems)
        if problems or settings is None or built is None:
            raise ArgumentsError("App", resource_name, problems.found)
        props = {camel(key): crossing(value) for key, value in given.items()}
        names_in_use.claim("App", resource_name, settings.place, opts)
        super().__init__(
            "flyte:index:App",
            resource_name,
            {**props, "environment": settings.as_dict(), **edges.props()},
            opts,
        )
        name, guarded = built.name, built.guarded
        for warning in [*built.warnings, *auth.warnings(name, edges.inputs, settings, guarded=guarded)]:
            pulumi.log.warn(warning, self)
        auth.warn_of_late_links(self, edges.inputs)
        declared = program.current(settings)
        earlier = declared.declare(name, edges.waits_for_names(settings), built.depends_on)
        caller = auth.subject("app", name, settings)
        credentials = auth.declare(self, resource_name, caller, built.credentials, settings, opts, environment)
        self.auth_key = self._declare_key(resource_name, given, built, settings, opts, environment)
        waits_for = [*edges.waits_for, *credentials.values(), *earlier]
        self.resource = api.App(
            resource_name,
            **app_spec.finished(built, settings, edges, self.auth_key),
            secret_versions=_versions(edges, credentials),
            opts=child_options(self, opts, environment, waits_for),
        )
        declared.resources[name] = self.resource
        self._publish(name, settings)

    def _declare_key(
        self,
        resource_name: str,
        given: Mapping[str, Any],
        built: app_spec.AppArguments,
        settings: Settings,
        opts: pulumi.ResourceOptions | None,
        environment: Any,
    ) -> api.AuthKey | None:
        if not built.guarded:
            return None
        return api.AuthKey(
            resource_name,
            audience=contract.audience(settings.project, settings.domain, built.name),
            rotation=given.get("auth_rotation"),
            opts=child_options(self, opts, environment),
        )

    def _publish(self, name: str, settings: Settings) -> None:
        public = names.public_app_endpoint(name, settings.target)
        url = names.app_endpoint(name, settings.target)
        key = None if self.auth_key is None else self.auth_key.urn
        self.link_value = AppLink(
            settings.project, settings.domain, name, url, public, key, control_plane=settings.control_plane
        )
        outputs: dict[str, Any] = {
            "endpoint": self.endpoint,
            "publicEndpoint": self.public_endpoint,
            "consoleUrl": self.console_url,
            "version": self.version,
            # The endpoint of the resource, not the equal string: it carries the dependency to other languages.
            "link": {**self.link_value.as_dict(), "url": self.endpoint},
        }
        self._link = outputs["link"]
        self.register_outputs(outputs)

    # Properties instead of annotated attributes: for each component that the SDK registers it evaluates the class's
    # annotations anew.

    @property
    def endpoint(self) -> pulumi.Output[str]:
        """The URL under which other workloads reach it."""
        return self.resource.endpoint

    @property
    def public_endpoint(self) -> pulumi.Output[str]:
        """The URL for people and other systems."""
        return self.resource.public_endpoint

    @property
    def console_url(self) -> pulumi.Output[str]:
        """Its page in the console."""
        return self.resource.console_url

    @property
    def version(self) -> pulumi.Output[str]:
        """Changes with its code, its wiring and everything else that it consists of, secrets excepted."""
        return self.resource.version

    @property
    def link(self) -> pulumi.Output[AppLinkDict]:
        """What a component of another stack or language takes in place of this app. Made when asked for: an output of
        a mapping is an output of each of its values, and most programs want none of them."""
        link: pulumi.Output[AppLinkDict] = pulumi.Output.from_input(self._link)
        return link


def _versions(edges: Edges, credentials: Mapping[str, api.Secret]) -> dict[str, Any] | None:
    """Of the user's secrets and of the credentials: a new one rolls the app."""
    versions: dict[str, Any] = {variable: link.version for variable, link in edges.secrets.items()}
    return {**versions, **{variable: secret.version for variable, secret in credentials.items()}} or None
