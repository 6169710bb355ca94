"""From an app's arguments, its source and its references to an `AppSpec`."""

from __future__ import annotations

from collections.abc import Mapping

from flyte_runtime import contract

from pulumi_flyte.arguments.app import AppArguments
from pulumi_flyte.arguments.health import Health
from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.naming import names
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import AppEnvironmentDescription, AsgiDescription, TaskDescription
from pulumi_flyte.source.loading import BundledSource
from pulumi_flyte.workload import app_environment, code, older_spellings
from pulumi_flyte.workload.app_arguments import auth_of, port_of
from pulumi_flyte.workload.app_environment import AppEnvironmentParts
from pulumi_flyte.workload.app_spec import AppOptions, AppSpec
from pulumi_flyte.workload.arguments import (
    flyte_name,
    identity_of,
    image_choice,
    resource_warnings,
    resources_of,
    variables_of,
)
from pulumi_flyte.workload.container import Container, secret_requests
from pulumi_flyte.workload.edge_credential import credentials_of
from pulumi_flyte.workload.site import Site


def app_spec(arguments: AppArguments, site: Site, problems: Problems) -> AppSpec:
    """Return the specification of an app. It is usable where no problems were added."""
    settings = site.settings
    include = list(arguments.include or ())
    env = variables_of(arguments.env, site.edges, problems)
    bundled = _bundled(arguments, site, env, include, problems)
    description = code.description_of(bundled)
    is_asgi = isinstance(description, AsgiDescription)
    source = app_environment.parts_of(description, settings)
    own_name = description.name
    name = flyte_name(site.component_name, arguments.name, own_name, names.app_name_problem, problems)
    port = port_of(arguments.port, source.port, problems)
    command, args = _command(arguments, bundled, source, port)
    options = AppOptions.of(arguments).over(source.options).over(_defaults(settings, is_asgi=is_asgi))
    code_requires_auth = description.requires_auth if isinstance(description, AppEnvironmentDescription) else None
    own_env = {**source.env, **env}
    resources = resources_of(arguments.resources, source.resources, settings)
    container_env = {**settings.env, **own_env}
    container = Container(
        image=image_choice(arguments.image, description, settings.image),
        command=older_spellings.with_readers(command, container_env),
        args=older_spellings.with_readers(args, container_env),
        env=container_env,
        secrets=secret_requests(site.edges.secrets, source.secrets),
        resources=resources,
        bundle=bundled.bundle if bundled is not None else code.included_files(include, problems),
        fetches_bundle=isinstance(description, AppEnvironmentDescription),
    )
    identity = identity_of("app", name, settings)
    warnings = [
        *code.lacking_data(bundled, include),
        *older_spellings.warnings(container, own_env),
        *resource_warnings(resources),
    ]
    return AppSpec(
        identity=identity,
        container=container,
        port=port,
        options=options,
        auth=auth_of(arguments, code=code_requires_auth, self_enforced=is_asgi),
        edges=site.edges,
        credentials=credentials_of(identity, site.edges.apps),
        flyte=source.flyte,
        depends_on=description.depends_on,
        warnings=tuple(warnings),
    )


def _bundled(
    arguments: AppArguments, site: Site, env: Mapping[str, Text], include: list[str], problems: Problems
) -> BundledSource | None:
    source = arguments.source
    if source is None:
        runs = arguments.command or arguments.args or arguments.image
        if not runs and not any(map(problems.concern, ("source", "command", "args", "image"))):
            problems.add("source", 'what shall run? Give source="file.py:attribute", or image= and command=')
        return None
    bundled = code.read_source(source, "app", site, env, include, problems)
    if bundled is not None and isinstance(bundled.description, TaskDescription):
        problems.add("source", "this is a task: declare it with Task(…)", source)
    for key in ("command", "args"):
        if getattr(arguments, key) is not None:
            problems.add(key, "a source brings its own command: leave this out, or leave out source=")
    return bundled


def _command(
    arguments: AppArguments, bundled: BundledSource | None, source: AppEnvironmentParts, port: int
) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    """Return the command and the arguments of the container."""
    command, args = tuple(arguments.command or ()), tuple(arguments.args or ())
    if bundled is not None and isinstance(bundled.description, AsgiDescription):
        place = f"{bundled.location.module}:{bundled.location.attribute}"
        command = ("python", "-m", "flyte_runtime", "serve", place, "--port", str(port))
    return command or source.command, args or source.args


def _defaults(settings: Settings, *, is_asgi: bool) -> AppOptions:
    """Return the options for what neither the argument nor the source says."""
    health = Health(path=contract.DEFAULT_HEALTH_PATH) if is_asgi else None
    return AppOptions(health=health, service_account=settings.service_account)
