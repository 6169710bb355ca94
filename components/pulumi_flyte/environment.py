"""`Environment`: where workloads run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import pulumi

from pulumi_flyte.arguments.declaration import crossing, values_of
from pulumi_flyte.arguments.environment import EnvironmentArguments
from pulumi_flyte.arguments.image import Image, ImageDict
from pulumi_flyte.arguments.resources import Resources, ResourcesDict
from pulumi_flyte.engine import names_in_use
from pulumi_flyte.engine.keywords import checked_keywords
from pulumi_flyte.engine.outputs import output_of
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.naming import names
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.naming.scopes import default_scope
from pulumi_flyte.platforms import platform_of
from pulumi_flyte.problems import Problems
from pulumi_flyte.provider import Provider
from pulumi_flyte.settings import EnvironmentSettingsDict, Settings, check, check_types


class Environment(pulumi.ComponentResource):
    """A place where workloads run: the platform, the project, the domain, and the defaults of the workloads in it.

    Platform, project, domain, endpoint, insecure, org, local_port and python fall back to the stack configuration
    `flyte:<name in camelCase>`. On the platform `local` it declares the embedded control plane. It neither creates nor
    deletes a project.

    Raises ArgumentsError with every problem.
    """

    @checked_keywords(EnvironmentArguments)
    def __init__(
        self,
        resource_name: str,
        *,
        platform: names.Platform | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
        endpoint: str | None = None,
        insecure: bool | None = None,
        local_port: int | None = None,
        python: str | None = None,
        image: pulumi.Input[str] | Image | ImageDict | None = None,
        env: Mapping[str, pulumi.Input[str]] | None = None,
        resources: Resources | ResourcesDict | None = None,
        service_account: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        problems = Problems()
        arguments = EnvironmentArguments.collect(
            problems,
            platform=platform,
            project=project,
            domain=domain,
            org=org,
            endpoint=endpoint,
            insecure=insecure,
            local_port=local_port,
            python=python,
            image=image,
            env=env,
            resources=resources,
            service_account=service_account,
        )
        values = _settle(arguments, problems)
        if not problems:
            problems.add("name", names_in_use.name_problem("Environment", resource_name, values.place, opts))
        if problems:
            raise ArgumentsError("Environment", resource_name, problems.found)
        names_in_use.claim("Environment", resource_name, values.place, opts)
        super().__init__("flyte:index:Environment", resource_name, crossing(arguments), opts)
        self.provider = _provider(self, resource_name, values, arguments)
        child = pulumi.ResourceOptions(parent=self, provider=self.provider)
        self.values = values = platform_of(values).prepared(resource_name, values, child)
        self.register_outputs({"settings": values.as_dict()})

    @property
    def settings(self) -> pulumi.Output[EnvironmentSettingsDict]:
        """The settings that workloads of other languages take as their `environment`."""
        return output_of(self.values.as_dict())


# The argument `environment` of a component.
EnvironmentArgument: TypeAlias = Environment | EnvironmentSettingsDict


def settings_of(environment: object, problems: Problems) -> Settings | None:
    """Return the settings behind an `environment` argument: an Environment, or its `settings` from another language."""
    if isinstance(environment, Environment):
        return environment.values
    if isinstance(environment, Mapping):
        try:
            settings = Settings.from_dict(environment)
        except (TypeError, KeyError):
            problems.add("environment", "not an environment: pass an Environment, or its `settings` output")
            return None
        before = len(problems.found)
        check_types(settings, problems)
        if len(problems.found) > before:
            return None
        check(settings, problems)
        return settings
    problems.add("environment", 'required: Environment("name") settles where it runs', environment)
    return None


def _settle(arguments: EnvironmentArguments, problems: Problems) -> Settings:
    """Return the settings: the arguments, over stack configuration, over the defaults. They are usable where no
    problems were added."""
    values = values_of(arguments)
    configured = _configured(problems)
    if "platform" in values and values["platform"] != configured.get("platform", names.DEFAULT_PLATFORM):
        configured.pop("endpoint", None)
    scope = default_scope(pulumi.get_project(), pulumi.get_stack())
    defaults = {"platform": names.DEFAULT_PLATFORM, "project": scope.project, "domain": scope.domain}
    settings = Settings(**{**defaults, **configured, **values})
    if not problems:
        check(settings, problems)
    return settings


def _configured(problems: Problems) -> dict[str, Any]:
    """Return what stack configuration says, by field of the settings."""
    config = pulumi.Config("flyte")
    texts = ("platform", "project", "domain", "org", "endpoint", "scheme", "namespace", "base_domain")
    configured: dict[str, Any] = {key: config.get(camel(key)) for key in (*texts, "in_cluster_endpoint", "python")}
    for key, read in (
        ("local_port", config.get_int),
        ("insecure", config.get_bool),
        ("platform_auth", config.get_bool),
    ):
        try:
            configured[key] = read(camel(key))
        except pulumi.ConfigTypeError:
            problems.add(key, f"the stack configuration flyte:{camel(key)} cannot be read", config.get(camel(key)))
    return {key: value for key, value in configured.items() if value is not None}


def _provider(
    owner: Environment, name: str, values: Settings, arguments: EnvironmentArguments
) -> pulumi.ProviderResource | None:
    """Return an explicit provider where the arguments lead to another control plane than stack configuration does."""
    keys = ("platform", "endpoint", "insecure", "org", "local_port")
    if all(getattr(arguments, key) is None for key in keys):
        return None
    config = pulumi.Config("flyte")
    return Provider(
        f"{name}-provider",
        platform=values.platform,
        endpoint=values.endpoint,
        insecure=values.insecure or None,
        org=values.org or None,
        # Another control plane gets no credential that was meant for the configured one.
        api_key=config.get_secret("apiKey") if values.endpoint == config.get("endpoint") else None,
        local_home=config.get("localHome"),
        base_domain=values.base_domain,
        scheme=values.scheme,
        namespace=values.namespace,
        local_port=values.local_port,
        opts=pulumi.ResourceOptions(parent=owner),
    )
