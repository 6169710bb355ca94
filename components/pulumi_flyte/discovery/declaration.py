"""`discover`: existing Flyte code under Pulumi, in one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import pulumi
from flyte_runtime import contract

from pulumi_flyte.app import App, AppOverrides
from pulumi_flyte.discovery import codebase
from pulumi_flyte.discovery import plan as discovery
from pulumi_flyte.discovery.plan import Workload
from pulumi_flyte.engine import names_in_use
from pulumi_flyte.engine.plain import check_plain, is_lost
from pulumi_flyte.environment import EnvironmentArgument, settings_of
from pulumi_flyte.errors import ArgumentsError, CycleError, FlyteError
from pulumi_flyte.naming import names
from pulumi_flyte.problems import Problems, nearest
from pulumi_flyte.secret import Secret
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.request import FlyteApi
from pulumi_flyte.task import Task, TaskOverrides
from pulumi_flyte.wiring import program
from pulumi_flyte.wiring.container import placeholders
from pulumi_flyte.wiring.crossing import crossing_problem
from pulumi_flyte.wiring.graph import describe_cycle
from pulumi_flyte.workload.code import program_folder, python_of

T = TypeVar("T")


class Found(dict[str, T], Generic[T]):
    """Components by Flyte name; an unknown name is an error that says the nearest one."""

    def __missing__(self, name: str) -> T:
        raise FlyteError(f"nothing discovered is called {name!r}{nearest(name, self)}")


@dataclass(frozen=True)
class Discovered:
    """What `discover` declared; each is a reference for other components' `inputs` and `secrets`.

    apps: by name. tasks: by `environment.function`. secrets: by key, those that the code requests.
    """

    apps: Found[App] = field(default_factory=Found)
    tasks: Found[Task] = field(default_factory=Found)
    secrets: Found[Secret] = field(default_factory=Found)


def discover(
    source: str,
    *,
    environment: EnvironmentArgument,
    secrets: Mapping[str, Secret | pulumi.Input[str]] | None = None,
    overrides: Mapping[str, AppOverrides | TaskOverrides] | None = None,
    prefix: str = "",
) -> Discovered:
    """Declares every app and task of existing Flyte code, with its triggers and secrets, as `flyte deploy` would deploy
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

    Raises SourceError where the code cannot be read, CycleError where environments depend on each other, and
    ArgumentsError with every problem.
    """
    problems = Problems()
    settings = settings_of(environment, problems)
    check_plain({"source": source, "prefix": prefix}, (), problems)
    if not isinstance(source, (str, pulumi.Output)):
        problems.add("source", 'a string: "file.py", "folder/" or "file.py:environment"', source)
    if not isinstance(prefix, (str, pulumi.Output)):
        problems.add("prefix", "a string that Pulumi names begin with, such as 'staging-'", prefix)
    if settings is None or problems:
        shown = "…" if isinstance(source, pulumi.Output) or is_lost(str(source)) else str(source)
        raise ArgumentsError("discover", shown, problems.found)
    workloads = _read(source, settings, overrides, problems)
    if problems:
        raise ArgumentsError("discover", source, problems.found)
    given = discovery.check_secrets(secrets, discovery.requested(workloads), problems)
    arguments = discovery.check_overrides(overrides, workloads, problems)
    if problems:
        raise ArgumentsError("discover", source, problems.found)
    plan = discovery.plan(workloads)
    if plan.cycle is not None:
        path = describe_cycle(plan.cycle)
        raise CycleError(f"{source!r}: these environments depend on each other: {path}. Remove one of the depends_on")
    problems.add("prefix", _taken(plan.ordered, arguments, given, settings, prefix))
    if problems:
        raise ArgumentsError("discover", source, problems.found)
    found = Discovered()
    named = program.current(settings).callers_by_name
    for workload in plan.ordered:
        for name in workload.endpoints:
            named.setdefault(name, set()).add(workload.name)
    for key in discovery.requested(workloads):
        with _collecting(f"secrets.{key}", problems):
            secret = found.secrets[key] = _secret(key, given.get(key), environment, settings, prefix)
            problems.add(f"secrets.{key}", crossing_problem(secret.link_value, settings))
    if problems:
        raise ArgumentsError("discover", source, problems.found)
    for workload in plan.ordered:
        with _collecting(workload.name, problems):
            waits = plan.waits[workload.name]
            own = discovery.arguments_of(workload, arguments)
            _declare(workload, own, waits, environment, found, problems, prefix)
    if problems:
        raise ArgumentsError("discover", source, problems.found)
    return found


def _read(source: str, settings: Settings, overrides: Any, problems: Problems) -> list[Workload]:
    """The code sees what its containers will have: the environment's variables, those of the overrides, placeholders
    for what is secret or wired, and the rule for the endpoints, which are known."""
    base = program_folder()
    env = {key: value if isinstance(value, str) else "placeholder" for key, value in settings.env.items()}
    for each in overrides.values() if isinstance(overrides, Mapping) else ():
        for part in ("env", "inputs", "secrets"):
            given = each.get(part) if isinstance(each, Mapping) else None
            for name, value in given.items() if isinstance(given, Mapping) else ():
                plain = value if part == "env" and isinstance(value, str) else "placeholder"
                env[str(name) if part == "env" else contract.variable_name(str(name))] = plain
    env |= placeholders(kind="task", settings=settings, inputs={}, secrets={})
    env["INTERNAL_APP_ENDPOINT_PATTERN"] = names.app_endpoint_pattern(settings.target)
    where = codebase.locate(source, base)
    python, api = python_of(settings), _api(settings)
    return codebase.read(where, base=base, python=python, env=env, problems=problems, api=api)


def _api(settings: Settings) -> FlyteApi:
    """The platform as this machine dials it."""
    endpoint, insecure = (settings.endpoint, settings.insecure) if settings.endpoint else settings.container_endpoint
    return FlyteApi(endpoint, insecure, settings.org or "local", settings.project, settings.domain)


def _taken(
    workloads: Sequence[Workload],
    arguments: Mapping[str, Mapping[str, Any]],
    secrets: Mapping[str, Any],
    settings: Settings,
    prefix: str,
) -> str | None:
    """Return the problem with Pulumi names that this program uses already, all of them in one sentence."""
    kinds = {"app": "App", "task": "Task"}
    known = program.current(settings).secrets
    keys = [key for key in discovery.requested(workloads) if not isinstance(secrets.get(key, known.get(key)), Secret)]
    free = [each for each in workloads if not _has_parent(discovery.arguments_of(each, arguments).get("opts"))]
    names = [*((kinds[each.kind], each.name) for each in free), *(("Secret", key) for key in keys)]
    places = {(kind, name): names_in_use.place_of(kind, f"{prefix}{name}") for kind, name in names}
    taken = [f"{kind} {prefix + name!r} (in {place})" for (kind, name), place in places.items() if place is not None]
    if not taken:
        return None
    declared = f"this program declares these already: {', '.join(taken)}"
    if settings.place in places.values():
        return f"{declared}. Nothing is declared twice in one project and domain: discover the files in one call"
    return (
        f"{declared}. Pulumi needs one name for each: begin those of this call, for {settings.place}, with a prefix,"
        f' such as discover(…, prefix="{settings.project}-")'
    )


def _has_parent(opts: Any) -> bool:
    return isinstance(opts, pulumi.ResourceOptions) and names_in_use.has_parent(opts)


def _secret(key: str, given: Any, environment: EnvironmentArgument, settings: Settings, prefix: str) -> Secret:
    """The one that was given, made from the given value, declared before, or kept on the platform by somebody else."""
    known = program.current(settings).secrets
    if isinstance(given, Secret):
        return given
    if given is not None:
        return Secret(f"{prefix}{key}", name=key, environment=environment, value=given)
    before: Secret | None = known.get(key)
    if before is not None:
        return before
    return Secret(f"{prefix}{key}", name=key, environment=environment, existing=True)


def _declare(
    workload: Workload,
    arguments: dict[str, Any],
    waits: Sequence[str],
    environment: EnvironmentArgument,
    found: Discovered,
    problems: Problems,
    prefix: str,
) -> None:
    opts = arguments.pop("opts", None)
    if not isinstance(opts, (pulumi.ResourceOptions, type(None))):
        problems.add(f"{workload.name}.opts", "a pulumi.ResourceOptions", opts)
        return
    wanted = [(request.variable, found.secrets[request.key]) for request in workload.secrets]
    secrets = {variable: secret for variable, secret in wanted if variable is not None}
    own = arguments.pop("secrets", None) or {}
    components = [each for name in waits for each in (found.apps.get(name), found.tasks.get(name)) if each is not None]
    # A secret that is mounted as a file has no variable to be wired by.
    mounted = [secret.resource for variable, secret in wanted if variable is None]
    order = pulumi.ResourceOptions(depends_on=[*(component.resource for component in components), *mounted])
    arguments |= {
        "environment": environment,
        "source": workload.source,
        "secrets": {**secrets, **own} if isinstance(own, Mapping) else own,
        "opts": pulumi.ResourceOptions.merge(opts, order),
    }
    if workload.kind == "app":
        found.apps[workload.name] = App(f"{prefix}{workload.name}", **arguments)
    else:
        found.tasks[workload.name] = Task(f"{prefix}{workload.name}", **arguments)


@contextmanager
def _collecting(path: str, problems: Problems) -> Iterator[None]:
    """One component's problems, each below its name, so that all components' are reported at once."""
    try:
        yield
    except ArgumentsError as error:
        for problem in error.problems:
            problems.add(f"{path}.{problem.path}", problem.reason, problem.seen)
