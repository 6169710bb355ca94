"""What apps and tasks have in common: their edges, their variables, the code that they carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeGuard, runtime_checkable

import pulumi
from flyte_runtime import contract

from pulumi_flyte import links, wiring
from pulumi_flyte.auth import Callee, callee_of
from pulumi_flyte.environment import Environment
from pulumi_flyte.errors import FlyteError
from pulumi_flyte.image import chosen
from pulumi_flyte.links import AppEndpoint, AppLink, Link, SecretLink, TaskLink, TaskRef
from pulumi_flyte.platforms import Platform
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings, check, check_types

Kind = Literal["app", "task"]


@runtime_checkable
class Linkable(Protocol):
    """A component that others may refer to."""

    @property
    def link_value(self) -> AppLink | TaskLink | SecretLink:
        """The reference as a value."""

    @property
    def resource(self) -> pulumi.CustomResource:
        """What a dependent waits for."""


def is_linkable(value: Any) -> TypeGuard[Linkable]:
    """Whether it is one of our components. The protocol alone would not do: an Output has every attribute."""
    return isinstance(value, pulumi.ComponentResource) and isinstance(value, Linkable)


@dataclass(frozen=True)
class Edges:
    """A workload's declared references, resolved to values, and the resources that it waits for.

    `callees` are the inputs that are apps which require credentials.
    """

    inputs: Mapping[str, Any]
    secrets: Mapping[str, SecretLink]
    waits_for: Sequence[pulumi.Resource]
    callees: Mapping[str, Callee] = field(default_factory=dict)

    def waits_for_names(self, settings: Settings) -> list[str]:
        """The Flyte names of what it waits for, of its own project and domain."""
        targets = [wiring.unwrap(value)[0] for value in self.inputs.values()]
        here = (settings.project, settings.domain)
        return [
            target.name
            for target in targets
            if isinstance(target, (AppLink, TaskLink)) and (target.project, target.domain) == here
        ]

    def props(self) -> dict[str, Any]:
        """The form in which the engine stores and diffs them."""
        given: dict[str, Any] = {}
        if self.inputs:
            given["inputs"] = {alias: _crossing(value) for alias, value in self.inputs.items()}
        if self.secrets:
            given["secrets"] = {variable: link.as_dict() for variable, link in self.secrets.items()}
        return given


def settings_of(environment: Any, problems: Problems) -> Settings | None:
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


def edges_of(inputs: Any, secrets: Any, problems: Problems) -> Edges:
    """Checks and resolves `inputs` and `secrets`."""
    waits_for: list[pulumi.Resource] = []
    resolved: dict[str, Any] = {}
    callees: dict[str, Callee] = {}
    for alias, value in _mapping(inputs, "inputs", problems).items():
        path = f"inputs.{alias}"
        wiring.check_alias(alias, path, problems)
        same = [other for other in resolved if contract.variable_name(other) == contract.variable_name(alias)]
        if same:
            problems.add(path, f"{same[0]!r} has the same variable {contract.variable_name(alias)}: rename one of them")
        resolved[alias] = _reference(value, path, waits_for, problems)
        callee = callee_of(value)
        if callee is not None:
            callees[alias] = callee
    keys = {}
    for variable, value in _mapping(secrets, "secrets", problems).items():
        path = f"secrets.{variable}"
        wiring.check_alias(variable, path, problems)
        if variable != contract.variable_name(variable):
            problems.add(path, f"Flyte wants a secret's variable in upper case: {contract.variable_name(variable)}")
        if contract.variable_name(variable) in {contract.variable_name(alias) for alias in resolved}:
            problems.add(path, "an input has this variable already: rename one of them")
        link = _secret(value, path, waits_for, problems)
        if link is not None:
            keys[variable] = link
    return Edges(resolved, keys, waits_for, callees)


def _mapping(value: Any, path: str, problems: Problems) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        problems.add(path, 'a mapping, such as {"name": …}', value)
        return {}
    for key, item in value.items():
        if item is None:
            problems.add(f"{path}.{key}", "nothing was given (None): is a configuration value missing?")
    return {str(key): item for key, item in value.items() if item is not None}


def _reference(value: Any, path: str, waits_for: list[pulumi.Resource], problems: Problems) -> Any:
    if isinstance(value, Mapping):
        parsed = links.from_dict(value)
        if parsed is None:
            problems.add(path, "neither an App, a Task, their `link`, nor a reference by name", dict(value))
            return ""
        value = parsed
    if isinstance(value, Link):
        inner = _reference(value.to, path, waits_for, problems)
        wiring.check_edge(value, path, problems)
        if not isinstance(inner, (AppLink, AppEndpoint, TaskLink, TaskRef, pulumi.Output)):
            problems.add(path, "a Link has options for an edge to an App or a Task, not for a plain value")
        return Link(inner, value.timeout, value.retries)
    if isinstance(value, pulumi.Output):
        # A string or somebody's `link`; which of the two shows when it is known.
        return value
    if is_linkable(value):
        if isinstance(value.link_value, SecretLink):
            problems.add(path, "a Secret goes into secrets={variable: secret}, not into inputs")
            return ""
        waits_for.append(value.resource)
        return value.link_value
    if isinstance(value, SecretLink):
        problems.add(path, "a Secret goes into secrets={variable: secret}, not into inputs")
        return ""
    if isinstance(value, (str, AppLink, TaskLink, AppEndpoint, TaskRef)):
        wiring.check_edge(value, path, problems)
        return value
    problems.add(path, "an App, a Task, an AppEndpoint, a TaskRef, a Link or a string", value)
    return ""


def _secret(value: Any, path: str, waits_for: list[pulumi.Resource], problems: Problems) -> SecretLink | None:
    if isinstance(value, pulumi.Output):
        link = value.apply(_secret_fields)
        return SecretLink(name=link["name"], version=link["version"])
    if is_linkable(value) and isinstance(value.link_value, SecretLink):
        waits_for.append(value.resource)
        return value.link_value
    parsed = links.from_dict(value) if isinstance(value, Mapping) else value
    if isinstance(parsed, SecretLink):
        return parsed
    # The value itself may be the secret's: it is not shown.
    problems.add(path, "a Secret component (or its `link`): a value never goes into a workload's arguments")
    return None


def _secret_fields(link: Any) -> dict[str, Any]:
    """What a `link` says, once it is known. Raises RunError on anything else, which may be the secret itself."""
    if not isinstance(link, Mapping) or link.get("kind") != "secret":
        raise FlyteError("secrets take a Secret component or its `link`, and this Output is neither")
    return {"name": link["name"], "version": link.get("version")}


def _crossing(value: Any) -> Any:
    if isinstance(value, (AppLink, TaskLink)):
        return value.as_dict()
    if isinstance(value, (AppEndpoint, TaskRef)):
        return links.to_dict(value)
    if isinstance(value, Link):
        options = {"timeout": value.timeout, "retries": value.retries}
        return {"to": _crossing(value.to)} | {key: item for key, item in options.items() if item is not None}
    return value


def check_env(env: Any, edges: Edges, problems: Problems) -> dict[str, Any]:
    """The user's own variables: legal names, none that the wiring or the platform sets."""
    given = dict(_mapping(env, "env", problems))
    wired = {contract.variable_name(alias) for alias in edges.inputs} | set(edges.secrets)
    for variable, value in given.items():
        wiring.check_variable(variable, value, problems)
        if variable in wired:
            problems.add(f"env.{variable}", "an input or secret sets this variable already: rename one of them")
    return given


_KINDS: dict[type, tuple[tuple[str, ...], str]] = {
    bool: (("requires_auth", "active", "adopt"), "True or False"),
    str: (("description", "service_account", "name", "auth_rotation"), "a plain string"),
}


def check_kinds(given: Mapping[str, Any], problems: Problems) -> None:
    """Arguments that are passed on as they are: a mistake is reported with all others, under the name it was given."""
    for kind, (keys, expected) in _KINDS.items():
        for key in keys:
            if key in given and not isinstance(given[key], kind):
                problems.add(key, expected, given[key])


def flyte_name(resource_name: str, given: Any, own: Any, rule: Callable[[str], str | None], problems: Problems) -> str:
    """A Flyte source's own name wins; a contradicting `name=` is an error. `rule` says what is wrong with a name."""
    if own and given and own != given:
        problems.add("name", f"the source calls itself {own!r}: leave name= out, or rename it there", given)
    name = str(own or (resource_name if given is None else given))
    problems.add("name", rule(name), name)
    return name


def variables(
    kind: Kind,
    name: str,
    settings: Settings,
    edges: Edges,
    env: Mapping[str, Any],
    auth: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """All variables of the container: the environment's, the user's, the wiring's. Each stands alone, so that one
    unknown value leaves the others known."""
    credentials = {alias: contract.credential_variable(alias) for alias in edges.callees}
    wired = wiring.variables(
        kind=kind,
        name=name,
        settings=settings,
        inputs=edges.inputs,
        secrets=edges.secrets,
        credentials=credentials,
        auth=auth,
    )
    return {**settings.env, **env, **wired}


def warnings_of(
    kind: Kind, platform: Platform, given: Mapping[str, Any], described: Mapping[str, Any], settings: Settings
) -> list[str]:
    """What a preview should say: what the platform does not carry out, and files that will be missing."""
    effective = {**given, "image": chosen(given.get("image"), described, settings.image)}
    absent = [
        f"the source reads {path!r} when it is imported, which is not in its bundle: add it to include"
        for path in described.get("absent", ())
    ]
    return [*platform.warnings(kind, effective, described), *absent]


def secret_requests(edges: Edges, own: Sequence[Mapping[str, Any]] = ()) -> list[dict[str, Any]]:
    """The secrets as the API takes them: a key and the variable that shall hold its value. What the source requests
    itself (`own`) stays as it is, unless an argument gives its variable another key."""
    keys = {variable: link.name for variable, link in edges.secrets.items()}
    kept = [dict(request) for request in own if keys.get(request.get("envVar", ""), request["key"]) == request["key"]]
    taken = {request.get("envVar") for request in kept}
    return [*kept, *({"key": key, "envVar": name} for name, key in sorted(keys.items()) if name not in taken)]
