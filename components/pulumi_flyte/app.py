"""`App`: a long-running service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypedDict

import pulumi

from pulumi_flyte.arguments.app import AppArguments
from pulumi_flyte.arguments.app_domain import AppDomain, AppDomainDict
from pulumi_flyte.arguments.console_link import ConsoleLink, ConsoleLinkDict
from pulumi_flyte.arguments.health import Health, HealthDict
from pulumi_flyte.arguments.image import Image, ImageDict
from pulumi_flyte.arguments.kubernetes import Kubernetes, KubernetesDict
from pulumi_flyte.arguments.resources import Resources, ResourcesDict
from pulumi_flyte.arguments.scaling import Scaling, ScalingDict
from pulumi_flyte.arguments.timeouts import Timeouts, TimeoutsDict
from pulumi_flyte.component import Workload, checked, manifest_of
from pulumi_flyte.engine.keywords import checked_keywords
from pulumi_flyte.engine.outputs import output_of
from pulumi_flyte.environment import EnvironmentArgument
from pulumi_flyte.links import AppLinkDict, WorkloadInput, WorkloadSecret
from pulumi_flyte.platforms import platform_of
from pulumi_flyte.platforms.base import DeclaredApp, Plan
from pulumi_flyte.problems import Problems
from pulumi_flyte.registration import Registration
from pulumi_flyte.source.read_source import ReadSource
from pulumi_flyte.workload.app_builder import app_spec
from pulumi_flyte.workload.app_spec import AppSpec
from pulumi_flyte.workload.site import Site


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
    public: bool | None
    console_links: Sequence[ConsoleLink | ConsoleLinkDict] | None
    include: Sequence[str] | None
    service_account: str | None
    kubernetes: Kubernetes | KubernetesDict | None
    description: str | None
    active: bool | None
    adopt: bool | None
    opts: pulumi.ResourceOptions | None


class App(Workload):
    """A service that stays up and answers requests. Dependents start only after it answers its health path.

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
        public: bool | None = None,
        console_links: Sequence[ConsoleLink | ConsoleLinkDict] | None = None,
        include: Sequence[str] | None = None,
        service_account: str | None = None,
        kubernetes: Kubernetes | KubernetesDict | None = None,
        description: str | None = None,
        active: bool | None = None,
        adopt: bool | None = None,
        name: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """A service that stays up and answers requests. Dependents start only after it answers its health path.

        Args:
            resource_name: The Pulumi name.
            environment: The Environment that it runs in.
            source: `file.py:attribute`: an ASGI application, a function that returns one, or a Flyte AppEnvironment.
                Without a source, an image and its command run.
            image: The URI of a container image, or what it is made of: on `local` its packages become an environment of
                their own.
            command: The program and its arguments, if there is no source. Each element is one argument, no shell reads
                it, and no variable in it is replaced where code travels along (`include`).
            args: Arguments of the image's own program, if there is no source.
            port: The port that the app listens on. Default: `8080`.
            inputs: What it may call, by alias: an App, a Task, a reference by name, a link with options for its edge,
                or a plain string.
            secrets: Variable name to a Secret.
            env: Plain environment variables.
            resources: What the container asks for and may use; a pair is request and limit.
            scaling: How many replicas run, and what adds another.
            health: The check that it can take requests. By default `/healthz` for an ASGI source, otherwise a
                connection.
            timeouts: Time limits in seconds.
            requires_auth: True admits only apps and tasks that are wired to it, each with its own credential. The
                platform decides which people may call it. If unset, the platform decides about every caller.
            auth_rotation: Any text, such as the month. A changed text makes a new key and new credentials. The former
                ones stay valid until the next rotation.
            domain: Its public name, if the platform serves one.
            public: True gives it a public address. Only `kubernetes` keeps an app private without it; the other
                platforms give each app an address.
            console_links: Links on its page in the console.
            include: More files of the bundle: paths, folders or globs.
            service_account: The Kubernetes service account.
            kubernetes: How its objects on `kubernetes` differ from those of its Environment.
            description: A short text.
            active: False stops the app and keeps it deployed. Default: `True`.
            adopt: Take over an object that exists and is not this resource's. Default: `False`.
            name: The Flyte name, by default the Pulumi name; at most 30 characters.
            opts: Options of Pulumi, such as `parent`, `protect` and `depends_on`.
        """
        problems = Problems()
        arguments = AppArguments.collect(
            problems,
            environment=environment,
            source=source,
            image=image,
            command=command,
            args=args,
            port=port,
            inputs=inputs,
            secrets=secrets,
            env=env,
            resources=resources,
            scaling=scaling,
            health=health,
            timeouts=timeouts,
            requires_auth=requires_auth,
            auth_rotation=auth_rotation,
            domain=domain,
            public=public,
            console_links=console_links,
            include=include,
            service_account=service_account,
            kubernetes=kubernetes,
            description=description,
            active=active,
            adopt=adopt,
            name=name,
        )
        registration = Registration("App", resource_name, environment, opts)

        def plan_at(site: Site) -> Plan[AppSpec, DeclaredApp]:
            return platform_of(site.settings).plan_app(app_spec(arguments, site, problems), site.settings)

        settings, plan = checked(registration, arguments, plan_at, problems)
        super().__init__(registration, arguments, settings, plan.spec.edges)
        declared = self._declared = self._declare_resources(registration, settings, plan)
        self.caller_key = declared.key
        # The endpoint of the resource, not the equal string: it carries the dependency to other languages.
        self._link: AppLinkDict = {**declared.link.as_dict(), "url": declared.endpoint}
        self.register_outputs(
            {
                "endpoint": declared.endpoint,
                "publicEndpoint": declared.public_endpoint,
                "consoleUrl": declared.console_url,
                "version": declared.version,
                "link": self._link,
                **manifest_of(plan),
            }
        )

    # Properties instead of annotated attributes: for each component that the SDK registers it evaluates the class's
    # annotations anew.

    @property
    def endpoint(self) -> pulumi.Output[str]:
        """The URL under which other workloads reach it."""
        return self._declared.endpoint

    @property
    def public_endpoint(self) -> pulumi.Output[str]:
        """The URL for people and other systems."""
        return self._declared.public_endpoint

    @property
    def console_url(self) -> pulumi.Output[str]:
        """Its page in the console."""
        return self._declared.console_url

    @property
    def version(self) -> pulumi.Output[str]:
        """Changes with its code, its wiring and everything else that it consists of, secrets excepted."""
        return self._declared.version

    @property
    def link(self) -> pulumi.Output[AppLinkDict]:
        """The reference to this app that components of other stacks and languages take.

        It is made when it is read. An output of a mapping is an output of each value, and most programs read none.
        """
        return output_of(self._link)
