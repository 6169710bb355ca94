"""`Environment`: where workloads run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import pulumi

from pulumi_flyte.arguments.environment import EnvironmentArguments
from pulumi_flyte.arguments.image import Image, ImageDict
from pulumi_flyte.arguments.resources import Resources, ResourcesDict
from pulumi_flyte.engine import names_in_use
from pulumi_flyte.engine.keywords import checked_keywords, given_arguments
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.image import image_of
from pulumi_flyte.naming import names
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.naming.scopes import default_scope
from pulumi_flyte.notation.quantities import resources as check_resources
from pulumi_flyte.notation.quantities import whole
from pulumi_flyte.platforms import platform_of
from pulumi_flyte.problems import Problems
from pulumi_flyte.provider import Provider
from pulumi_flyte.settings import EnvironmentSettingsDict, Settings, check, check_types, check_variable


class Environment(pulumi.ComponentResource):
    """Where workloads run: the platform, project and domain, and what they have in common.

    Platform, project, domain, endpoint, insecure, org, local_port and python fall back to the stack configuration
    `flyte:<name in camelCase>`. On the platform `local` it declares the embedded control plane. It neither creates nor
    deletes a project.

    platform: `local` (default) or `flyte`.
    project, domain: the Flyte project and domain. By default they depend on the stack: `development` (or `dev`),
        `staging` and `production` (or `prod`) take that domain of the project `{Pulumi project}`; every other stack
        takes `development` of the project `{Pulumi project}-{stack}`.
    endpoint, insecure, org: the Flyte API, for `flyte`.
    local_port: the embedded control plane's port, 8480 by default.
    python: the interpreter that reads and, on `local`, runs the code; by default the program's own.
    image, env, resources, service_account: defaults of the workloads in it.

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
        arguments = {key: whole(value) for key, value in given_arguments(locals()).items()}
        problems = Problems()
        values = _settle(arguments, problems)
        if not problems:
            problems.add("name", names_in_use.name_problem("Environment", resource_name, values.place, opts))
        if problems:
            raise ArgumentsError("Environment", resource_name, problems.found)
        names_in_use.claim("Environment", resource_name, values.place, opts)
        super().__init__("flyte:index:Environment", resource_name, {camel(k): v for k, v in arguments.items()}, opts)
        self.provider = _provider(self, resource_name, values, arguments)
        child = pulumi.ResourceOptions(parent=self, provider=self.provider)
        self.values = values = platform_of(values).prepared(resource_name, values, child)
        self.register_outputs({"settings": values.as_dict()})

    @property
    def settings(self) -> pulumi.Output[EnvironmentSettingsDict]:
        """What workloads of another language take as their `environment`."""
        settings: pulumi.Output[EnvironmentSettingsDict] = pulumi.Output.from_input(self.values.as_dict())
        return settings


# The argument `environment` of a component.
EnvironmentArgument: TypeAlias = Environment | EnvironmentSettingsDict


def settings_of(environment: object, problems: Problems) -> Settings | None:
    """The settings behind an `environment` argument: an Environment, or its `settings` from another language."""
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
        if len(problems.found) == before:
            check(settings, problems)
        return settings
    problems.add("environment", 'required: Environment("name") settles where it runs', environment)
    return None


def _settle(arguments: Mapping[str, Any], problems: Problems) -> Settings:
    config = pulumi.Config("flyte")
    text = {key: config.get(camel(key)) for key in ("platform", "project", "domain", "org", "endpoint", "scheme")}
    text |= {key: config.get(camel(key)) for key in ("namespace", "base_domain", "in_cluster_endpoint", "python")}
    configured: dict[str, Any] = {key: value for key, value in text.items() if value is not None}
    for key, read in (
        ("local_port", config.get_int),
        ("insecure", config.get_bool),
        ("platform_auth", config.get_bool),
    ):
        try:
            value = read(camel(key))
        except pulumi.ConfigTypeError:
            problems.add(key, f"the stack configuration flyte:{camel(key)} cannot be read", config.get(camel(key)))
            continue
        if value is not None:
            configured[key] = value
    if "platform" in arguments and arguments["platform"] != configured.get("platform", names.DEFAULT_PLATFORM):
        configured.pop("endpoint", None)
    scope = default_scope(pulumi.get_project(), pulumi.get_stack())
    defaults = {"platform": names.DEFAULT_PLATFORM, "project": scope.project, "domain": scope.domain}
    settings = Settings(**{**defaults, **configured, **arguments})
    check_types(settings, problems)
    check_resources(settings.resources, problems)
    image_of(settings.image, "image", problems)
    if isinstance(settings.env, Mapping):
        for variable, held in settings.env.items():
            check_variable(str(variable), held, problems)
    else:
        problems.add("env", "a mapping from variable to value", settings.env)
    if not problems:
        check(settings, problems)
    return settings


def _provider(
    owner: Environment, name: str, values: Settings, arguments: Mapping[str, Any]
) -> pulumi.ProviderResource | None:
    """An explicit provider where the arguments lead to another control plane than stack configuration does."""
    keys = ("platform", "endpoint", "insecure", "org", "local_port")
    if not any(key in arguments for key in keys):
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
