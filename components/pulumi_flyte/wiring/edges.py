"""A workload's declared references: checked, and resolved to values and to the resources that it waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeGuard, runtime_checkable

import pulumi
from flyte_runtime import contract

from pulumi_flyte import links
from pulumi_flyte.links import AppEndpoint, AppLink, Link, SecretLink, TaskLink, TaskRef, unwrap
from pulumi_flyte.naming import names
from pulumi_flyte.notation.quantities import MOST_SECONDS, whole
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings, check_variable
from pulumi_flyte.wiring.auth import Callee, callee_of
from pulumi_flyte.wiring.crossing import Consumer, checked


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
        targets = [unwrap(value)[0] for value in self.inputs.values()]
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


def edges_of(inputs: Any, secrets: Any, consumer: Consumer, problems: Problems) -> Edges:
    """Checks and resolves `inputs` and `secrets` of a consumer."""
    waits_for: list[pulumi.Resource] = []
    resolved: dict[str, Any] = {}
    callees: dict[str, Callee] = {}
    for alias, value in _mapping(inputs, "inputs", problems).items():
        path = f"inputs.{alias}"
        check_alias(alias, path, problems)
        same = [other for other in resolved if contract.variable_name(other) == contract.variable_name(alias)]
        if same:
            problems.add(path, f"{same[0]!r} has the same variable {contract.variable_name(alias)}: rename one of them")
        value = checked(value, "inputs", path, consumer, problems)
        resolved[alias] = _reference(value, path, waits_for, problems)
        callee = callee_of(value)
        if callee is not None:
            callees[alias] = callee
    keys = {}
    for variable, value in _mapping(secrets, "secrets", problems).items():
        path = f"secrets.{variable}"
        check_alias(variable, path, problems)
        if variable != contract.variable_name(variable):
            problems.add(path, f"Flyte wants a secret's variable in upper case: {contract.variable_name(variable)}")
        if contract.variable_name(variable) in {contract.variable_name(alias) for alias in resolved}:
            problems.add(path, "an input has this variable already: rename one of them")
        link = _secret(checked(value, "secrets", path, consumer, problems), path, waits_for, problems)
        if link is not None:
            keys[variable] = link
    return Edges(resolved, keys, waits_for, callees)


def check_alias(alias: str, path: str, problems: Problems) -> None:
    """An alias becomes a variable: it must be one, and must not be one that Flyte or the platform sets."""
    if not contract.is_alias(alias):
        problems.add(path, "an alias becomes an environment variable: letters, digits and '_', no digit first", alias)
    elif contract.is_reserved_variable(contract.variable_name(alias)):
        variable = contract.variable_name(alias)
        problems.add(path, f"{variable} is set by the platform itself: choose another alias", alias)


def check_edge(value: Any, path: str, problems: Problems) -> None:
    """The options of an edge and the names of a reference by name."""
    target, timeout, retries = unwrap(value)
    is_number = isinstance(timeout, (int, float)) and not isinstance(timeout, bool)
    if timeout is not None and not (is_number and 0 < timeout <= MOST_SECONDS):
        problems.add(f"{path}.timeout", "a timeout is a positive number of seconds", timeout)
    number = whole(retries)
    if retries is not None and (isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= 10):
        problems.add(f"{path}.retries", "between 0 and 10 retries", retries)
    elif retries is not None and isinstance(target, (TaskLink, TaskRef)):
        problems.add(f"{path}.retries", "a task's runs are not repeated by the caller: give Task(retries=…)", retries)
    if isinstance(target, (AppEndpoint, TaskRef)):
        rule = names.app_name_problem if isinstance(target, AppEndpoint) else names.task_name_problem
        scope = names.scope_name_problem
        for part, check in (("name", rule), ("project", scope), ("domain", scope)):
            given = getattr(target, part)
            if isinstance(given, str):
                problems.add(f"{path}.{part}", check(given), given)
            elif given is not None or part == "name":
                problems.add(f"{path}.{part}", "a plain string", given)


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
        check_edge(value, path, problems)
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
        check_edge(value, path, problems)
        return value
    problems.add(path, "an App, a Task, an AppEndpoint, a TaskRef, a Link or a string", value)
    return ""


def _secret(value: Any, path: str, waits_for: list[pulumi.Resource], problems: Problems) -> SecretLink | None:
    if isinstance(value, pulumi.Output):
        return SecretLink(name=value["name"], version=value.apply(lambda link: link.get("version")))
    if is_linkable(value) and isinstance(value.link_value, SecretLink):
        waits_for.append(value.resource)
        return value.link_value
    parsed = links.from_dict(value) if isinstance(value, Mapping) else value
    if isinstance(parsed, SecretLink):
        return parsed
    # The value itself may be the secret's: it is not shown.
    problems.add(path, "a Secret component (or its `link`): a value never goes into a workload's arguments")
    return None


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
        check_variable(variable, value, problems)
        if variable in wired:
            problems.add(f"env.{variable}", "an input or secret sets this variable already: rename one of them")
    return given
