"""`Environment`: where workloads run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import pulumi

from pulumi_flyte.arguments.cluster import OF_STACK, Cluster, ClusterDict
from pulumi_flyte.arguments.declaration import check as check_declaration
from pulumi_flyte.arguments.declaration import crossing, values_of
from pulumi_flyte.arguments.environment import EnvironmentArguments
from pulumi_flyte.arguments.image import Image, ImageDict
from pulumi_flyte.arguments.kubernetes import Kubernetes, KubernetesDict
from pulumi_flyte.arguments.resources import Resources, ResourcesDict
from pulumi_flyte.engine import names_in_use
from pulumi_flyte.engine.configuration import plain_configuration
from pulumi_flyte.engine.keywords import checked_keywords
from pulumi_flyte.engine.option_checks import check_options
from pulumi_flyte.engine.outputs import output_of
from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.naming import names
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.naming.scopes import default_scope
from pulumi_flyte.platforms import PACKAGES, platform_of
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import EnvironmentSettingsDict, Settings, check, check_types
from pulumi_flyte.workload.manifest import OUTPUT, configuration_manifest


class Environment(pulumi.ComponentResource):
    """A place where workloads run: the platform, the project, the domain, and the defaults of the workloads in it.

    All arguments but image, env, resources, service_account, cluster and kubernetes fall back to the stack
    configuration `flyte:<name in camelCase>`. On the platform `local` it declares the embedded control plane, on
    `kubernetes` a namespace. It neither creates nor deletes a project.

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
        in_cluster_endpoint: str | None = None,
        namespace: str | None = None,
        python: str | None = None,
        image: pulumi.Input[str] | Image | ImageDict | None = None,
        registry: str | None = None,
        base_image: str | None = None,
        builder: str | None = None,
        env: Mapping[str, pulumi.Input[str]] | None = None,
        resources: Resources | ResourcesDict | None = None,
        service_account: str | None = None,
        cluster: Cluster | ClusterDict | None = None,
        kubernetes: Kubernetes | KubernetesDict | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """A place where workloads run: the platform, the project, the domain, and the defaults of the workloads in it.

        Args:
            resource_name: The Pulumi name.
            platform: `local`, `flyte` or `kubernetes`. Default: `local`.
            project: The Flyte project. By default `{Pulumi project}` for a stack that is named as a domain, and
                `{Pulumi project}-{stack}` for any other.
            domain: The Flyte domain. By default the one that the stack is named as, such as `staging` or `prod`;
                `development` for any other stack.
            org: The organisation.
            endpoint: The URL of the Flyte API, for `flyte` and the tasks of `kubernetes`.
            insecure: Whether an endpoint without a scheme is dialled without TLS.
            local_port: The embedded control plane's port. Default: `8480`.
            python: The interpreter that reads and, on `local`, runs the code; by default the program's own.
            in_cluster_endpoint: The URL of the Flyte API for containers, where it differs.
            namespace: The Kubernetes namespace of apps: `flyte` on `flyte`, `{project}-{domain}` on `kubernetes`.
            image: The URI of a container image, or what it is made of: on `local` its packages become an environment of
                their own.
            registry: Where built images are pushed to, such as `ghcr.io/acme` or `localhost:5000`.
            base_image: The image that built images start from. Default: `python:3.12-slim-bookworm`.
            builder: The name of the buildx builder that builds images, by default the current one.
            env: Plain environment variables.
            resources: What the container asks for and may use; a pair is request and limit.
            service_account: The Kubernetes service account.
            cluster: The namespace of the apps on `kubernetes`, and who reaches it from outside.
            kubernetes: The defaults of the objects of apps on `kubernetes`, where they differ.
            opts: Options of Pulumi, such as `parent`, `protect` and `depends_on`.
        """
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
            in_cluster_endpoint=in_cluster_endpoint,
            namespace=namespace,
            python=python,
            image=image,
            registry=registry,
            base_image=base_image,
            builder=builder,
            env=env,
            resources=resources,
            service_account=service_account,
            cluster=cluster,
            kubernetes=kubernetes,
        )
        values = _settle(arguments, problems)
        check_options(opts, "Environment", None, problems)
        if not problems:
            problems.add("name", names_in_use.name_problem("Environment", resource_name, values.place, opts))
        if problems:
            raise ArgumentsError("Environment", resource_name, problems.entries)
        names_in_use.claim("Environment", resource_name, values.place, opts)
        super().__init__("flyte:index:Environment", resource_name, crossing(arguments), opts)
        self.providers = self._providers_of_workloads(_provider(self, resource_name, values, arguments))
        child = Owner(self, resource_name, opts, self.providers).child_options()
        self.values = values = platform_of(values).prepared(resource_name, values, child)
        self.register_outputs({"settings": values.as_dict(), OUTPUT: configuration_manifest(plain_configuration())})

    def _providers_of_workloads(self, flyte: pulumi.ProviderResource | None) -> list[pulumi.ProviderResource]:
        """Return the providers of the workloads, which are not children of this component."""
        inherited = [self.get_provider(f"{package}:index:Any") for package in PACKAGES]
        return [provider for provider in (flyte, *inherited) if provider is not None]

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
        before = len(problems.entries)
        check_types(settings, problems)
        if len(problems.entries) > before:
            return None
        _check(settings, problems)
        return settings
    problems.add("environment", 'required: Environment("name") settles where it runs', environment)
    return None


def _settle(arguments: EnvironmentArguments, problems: Problems) -> Settings:
    """Return the settings: the arguments, over stack configuration, over the defaults. They are usable where no
    problems were added."""
    values = values_of(arguments)
    configured = _configured(problems)
    if "platform" in values and values["platform"] != configured.get("platform", names.DEFAULT_PLATFORM):
        _drop(configured, _OF_PLATFORM)
    elif "endpoint" in values and values["endpoint"] != configured.get("endpoint"):
        _drop(configured, _OF_ENDPOINT)
    scope = default_scope(pulumi.get_project(), pulumi.get_stack())
    defaults = {"platform": names.DEFAULT_PLATFORM, "project": scope.project, "domain": scope.domain}
    cluster = _configured_cluster(problems)
    if "cluster" in values:
        values["cluster"] = values["cluster"].over(cluster)
    settings = Settings(**{**defaults, "cluster": cluster, **configured, **values})
    if not problems:
        _check(settings, problems)
    return settings


def _drop(configured: dict[str, Any], names: Iterable[str]) -> None:
    for name in names:
        configured.pop(name, None)


def _check(settings: Settings, problems: Problems) -> None:
    """Check settings whose types are right."""
    before = len(problems.entries)
    check(settings, problems)
    if len(problems.entries) == before:
        problems.extend(platform_of(settings).environment_problems(settings))


# They describe the configured control plane, and no other one: at another address, and on another platform.
_OF_ENDPOINT = ("in_cluster_endpoint", "console_url")
_OF_PLATFORM = (
    *(*_OF_ENDPOINT, "endpoint", "insecure", "org", "namespace"),
    *("base_domain", "scheme", "platform_auth"),
)
_CONFIGURED_TEXTS = (
    *("platform", "project", "domain", "org", "endpoint", "in_cluster_endpoint", "console_url"),
    *("scheme", "namespace", "base_domain", "python", "registry", "base_image", "builder"),
)


def _configured(problems: Problems) -> dict[str, Any]:
    """Return what stack configuration says, by field of the settings."""
    config = pulumi.Config("flyte")
    configured: dict[str, Any] = {key: config.get(camel(key)) for key in _CONFIGURED_TEXTS}
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


def _configured_cluster(problems: Problems) -> Cluster:
    """Return what stack configuration says of the cluster."""
    config = pulumi.Config("flyte")
    configured = {key: config.get(camel(key)) for key in OF_STACK}
    cluster, mistakes = check_declaration(Cluster, configured)
    for problem in mistakes:
        problems.add(f"flyte:{camel(problem.path)}", problem.reason, problem.value)
    return cluster or Cluster()


def _provider(
    owner: Environment, name: str, values: Settings, arguments: EnvironmentArguments
) -> pulumi.ProviderResource | None:
    """Return an explicit provider where the arguments lead to another control plane than stack configuration does."""
    keys = ("platform", "endpoint", "insecure", "org", "local_port")
    if all(getattr(arguments, key) is None for key in keys):
        return None
    from pulumi_flyte.provider import Provider

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
        console_url=values.console_url,
        scheme=values.scheme,
        namespace=values.namespace,
        local_port=values.local_port,
        opts=pulumi.ResourceOptions(parent=owner),
    )
