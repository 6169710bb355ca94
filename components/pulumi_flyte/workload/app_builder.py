"""Builds an `AppSpec` from an app's arguments, its source and its references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flyte_runtime import contract

from pulumi_flyte.arguments.app import AppArguments
from pulumi_flyte.arguments.health import Health
from pulumi_flyte.arguments.pod_security import forbidden
from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.naming import names
from pulumi_flyte.notation.quantities import DEFAULT_PORT
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import AppEnvironmentDescription, AsgiDescription, TaskDescription
from pulumi_flyte.source.loading import BundledSource
from pulumi_flyte.source.location import Location
from pulumi_flyte.workload import app_environment, code
from pulumi_flyte.workload.app_spec import AppOptions, AppSpec, AuthPolicy
from pulumi_flyte.workload.container_builder import ContainerParts, container_of, container_warnings, variables_of
from pulumi_flyte.workload.contract import Contract
from pulumi_flyte.workload.edge_credential import credentials_of
from pulumi_flyte.workload.identity import flyte_name, identity_of
from pulumi_flyte.workload.site import Site


def app_spec(arguments: AppArguments, site: Site, problems: Problems) -> AppSpec:
    """Return the specification of an app. It is usable if no problems were added."""
    settings = site.settings
    env = variables_of(arguments, site, problems)
    bundled = _bundled(arguments, site, env, problems)
    description = code.description_of(bundled)
    is_asgi = isinstance(description, AsgiDescription)
    source = app_environment.parts_of(description, settings)
    name = flyte_name(site.component_name, arguments.name, description.name, names.app_name_problem, problems)
    port = _port(arguments.port, source.port, problems)
    parts = _with_arguments(source.container, arguments, env)
    if bundled is not None and is_asgi:
        parts = parts._replace(command=_serve(bundled.location, port))
    container = container_of(arguments, parts, bundled, site, problems)
    _check_kubernetes(arguments, settings, problems)
    identity = identity_of("app", name, settings)
    code_requires_auth = description.requires_auth if isinstance(description, AppEnvironmentDescription) else None
    return AppSpec(
        identity=identity,
        container=container,
        port=port,
        options=AppOptions.of(arguments).over(source.options).over(_defaults(settings, is_asgi=is_asgi)),
        auth=AuthPolicy.of(arguments, code=code_requires_auth, self_enforced=is_asgi),
        edges=site.edges,
        credentials=credentials_of(identity, site.edges.apps),
        flyte=source.flyte,
        depends_on=description.depends_on,
        warnings=container_warnings(container, parts, bundled, arguments),
        contract=Contract.of(description),
    )


def _check_kubernetes(arguments: AppArguments, settings: Settings, problems: Problems) -> None:
    """Check how the app's objects differ, together with what its environment says. It counts on every platform."""
    if arguments.kubernetes is None:
        return
    combined = arguments.kubernetes.over(settings.kubernetes)
    standard = settings.cluster.pod_security or "restricted"
    mistakes = [*combined.conflicts(()), *forbidden(combined, standard)]
    problems.extend(replace(each, path=f"kubernetes.{each.path}") for each in mistakes)


def _bundled(arguments: AppArguments, site: Site, env: Mapping[str, Text], problems: Problems) -> BundledSource | None:
    source = arguments.source
    if source is None:
        runs = arguments.command or arguments.args or arguments.image
        if not runs and not any(map(problems.concern, ("source", "command", "args", "image"))):
            problems.add(
                "source", 'nothing to run is declared: pass source="file.py:attribute", or image= and command='
            )
        return None
    bundled = code.read_source(source, "app", site, env, arguments.include or (), problems)
    if bundled is not None and isinstance(bundled.description, TaskDescription):
        problems.add("source", "this is a task: declare it with Task(…)", source)
    for key in ("command", "args"):
        if getattr(arguments, key) is not None:
            problems.add(key, "a source has its own command: leave this out, or leave out source=")
    return bundled


def _port(argument: int | None, source: int | None, problems: Problems) -> int:
    """Return the declared port: the argument's, the source's, or the default."""
    if argument is not None:
        return argument
    if source is None:
        return DEFAULT_PORT
    problems.add("port", names.port_problem(source), source)
    return source


def _with_arguments(source: ContainerParts, arguments: AppArguments, env: Mapping[str, Text]) -> ContainerParts:
    """Return the source's parts with what the arguments say differently."""
    return source._replace(
        command=tuple(arguments.command or source.command),
        args=tuple(arguments.args or source.args),
        env={**source.env, **env},
    )


def _serve(location: Location, port: int) -> tuple[str, ...]:
    """Return the command that serves an ASGI application."""
    place = f"{location.module}:{location.attribute}"
    return ("python", "-m", "flyte_runtime", "serve", place, "--port", str(port))


def _defaults(settings: Settings, *, is_asgi: bool) -> AppOptions:
    """Return the options for what neither the argument nor the source says."""
    health = Health(path=contract.DEFAULT_HEALTH_PATH) if is_asgi else None
    return AppOptions(health=health, service_account=settings.service_account)
