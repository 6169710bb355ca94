"""`discover`: existing Flyte code under Pulumi, in one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pulumi
from flyte_runtime import contract

from pulumi_flyte.app import AppOverrides
from pulumi_flyte.arguments.call import checked_call
from pulumi_flyte.discovery import codebase
from pulumi_flyte.discovery.codebase import Contents
from pulumi_flyte.discovery.components import Components
from pulumi_flyte.discovery.overrides import Overrides, override_problems, secret_problems
from pulumi_flyte.discovery.plan import plan
from pulumi_flyte.discovery.request import FlyteApi
from pulumi_flyte.discovery.result import Discovered
from pulumi_flyte.engine.plain import check_plain, is_lost
from pulumi_flyte.environment import EnvironmentArgument, settings_of
from pulumi_flyte.errors import ArgumentsError, CycleError
from pulumi_flyte.naming import names
from pulumi_flyte.platforms import stand_in_variables
from pulumi_flyte.problems import Problem, Problems
from pulumi_flyte.secret import Secret
from pulumi_flyte.settings import Settings
from pulumi_flyte.task import TaskOverrides
from pulumi_flyte.wiring.edge import Edges
from pulumi_flyte.wiring.graph import describe_cycle
from pulumi_flyte.wiring.variables import placeholder_variables
from pulumi_flyte.workload.code import program_folder, python_of


@checked_call
def discover(
    source: str,
    *,
    environment: EnvironmentArgument,
    secrets: Mapping[str, Secret | pulumi.Input[str]] | None = None,
    overrides: Mapping[str, AppOverrides | TaskOverrides] | None = None,
    prefix: str = "",
    adopt: bool | None = None,
) -> Discovered:
    """Declare every app and task of existing Flyte code, with its triggers and secrets, as `flyte deploy` would deploy
    them: each dependent after what it names in `depends_on`, `AppEndpoint` or `environment.endpoint`.

    The resources are those that a hand-written `App(name, source="file.py:attribute")` and `Task(…)` make.

    source: `file.py`; a folder with all its files; or `file.py:environment`, with what that depends on.
    environment: the `Environment` that everything runs in.
    secrets: by the key that the code requests, a `Secret` or the value of one to be made. Other keys refer to secrets
        that exist on the platform.
    overrides: arguments of single components, by the Flyte name of an app, a task or an environment with tasks:
        `{"web": {"scaling": {"replicas": (1, 3)}}}`. They win over what the code says.
    prefix: what the Pulumi names begin with, for code that one program declares in two environments. Flyte names and
        the keys of what is returned stay as they are in the code.
    adopt: take over what exists there already, such as the apps, tasks and triggers of a `flyte deploy`.
        Default: `False`.

    Raises SourceError where the code cannot be read, CycleError where environments depend on each other, and
    ArgumentsError with every problem.
    """
    settings = _checked_settings(source, environment, prefix, adopt)
    contents = _read(source, settings, Overrides.parse(overrides))
    _refuse(source, contents.problems)
    _refuse(source, [*secret_problems(secrets, contents.workloads), *override_problems(overrides, contents.workloads)])
    planned = plan(contents.workloads)
    if planned.cycle is not None:
        path = describe_cycle(planned.cycle)
        raise CycleError(f"{source!r}: these environments depend on each other: {path}. Remove one of the depends_on")
    components = Components(
        plan=planned,
        environment=environment,
        settings=settings,
        prefix=prefix,
        secrets=secrets or {},
        overrides=Overrides.parse(overrides),
        adopt=adopt,
    )
    reason = components.name_problem()
    _refuse(source, [] if reason is None else [Problem("prefix", reason)])
    _refuse(source, components.declare_secrets())
    _refuse(source, components.declare_workloads())
    return components.discovered


def _refuse(source: str, problems: Iterable[Problem]) -> None:
    if listed := list(problems):
        raise ArgumentsError("discover", source, listed)


def _checked_settings(source: object, environment: object, prefix: object, adopt: object) -> Settings:
    """Return the environment's settings, once the arguments are right that are needed to read the code."""
    problems = Problems()
    settings = settings_of(environment, problems)
    check_plain({"source": source, "prefix": prefix}, (), problems)
    if not isinstance(source, (str, pulumi.Output)):
        problems.add("source", 'expected a string: "file.py", "folder/" or "file.py:environment"', source)
    if not isinstance(prefix, (str, pulumi.Output)):
        problems.add("prefix", "expected a string with which the Pulumi names begin, such as 'staging-'", prefix)
    if not isinstance(adopt, (bool, type(None))):
        problems.add("adopt", "expected True or False", adopt)
    if settings is None or problems:
        shown = "…" if isinstance(source, pulumi.Output) or is_lost(str(source)) else str(source)
        raise ArgumentsError("discover", shown, problems.entries)
    return settings


def _read(source: str, settings: Settings, overrides: Overrides) -> Contents:
    where = codebase.locate(source, program_folder())
    env = _environment_of_code(settings, overrides)
    return codebase.read(where, python=python_of(settings), env=env, api=_flyte_api(settings))


def _environment_of_code(settings: Settings, overrides: Overrides) -> dict[str, str]:
    """Return the variables that the code sees, as far as its containers will have them.

    They are those of the environment and of the overrides, placeholders for what is secret or wired, and the rule for
    the endpoints.
    """
    env = {key: value if isinstance(value, str) else "placeholder" for key, value in settings.env.items()}
    for arguments in overrides.by_name.values():
        for part in ("env", "inputs", "secrets"):
            entries = arguments.get(part)
            for name, value in entries.items() if isinstance(entries, Mapping) else ():
                plain = value if part == "env" and isinstance(value, str) else "placeholder"
                env[str(name) if part == "env" else contract.variable_name(str(name))] = plain
    env |= {**placeholder_variables("task", Edges(), settings.platform), **stand_in_variables(settings)}
    env["INTERNAL_APP_ENDPOINT_PATTERN"] = names.app_endpoint_pattern(settings.target)
    return env


def _flyte_api(settings: Settings) -> FlyteApi:
    """Return the platform as this machine dials it."""
    endpoint, insecure = (settings.endpoint, settings.insecure) if settings.endpoint else settings.container_endpoint
    return FlyteApi(endpoint, insecure, settings.org or "local", settings.project, settings.domain)
