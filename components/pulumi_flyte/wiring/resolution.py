"""Resolves the arguments `inputs` and `secrets` of a component to edges."""

from __future__ import annotations

from collections.abc import Mapping

from flyte_runtime import contract

from pulumi_flyte.problems import Problems
from pulumi_flyte.wiring.consumer import Consumer
from pulumi_flyte.wiring.edge import Edge, Edges, SecretEdge
from pulumi_flyte.wiring.inputs import resolve_input
from pulumi_flyte.wiring.secrets import resolve_secret


def resolve(inputs: object, secrets: object, consumer: Consumer, problems: Problems) -> Edges:
    """Check and resolve the arguments `inputs` and `secrets` of a component."""
    edges: list[Edge] = []
    aliases: dict[str, str] = {}  # by variable
    for alias, entry in entries_of(inputs, "inputs", problems).items():
        path, variable = f"inputs.{alias}", contract.variable_name(alias)
        problems.add(path, alias_problem(alias), alias)
        if variable in aliases:
            problems.add(path, f"{aliases[variable]!r} has the same variable {variable}: rename one of them")
        aliases.setdefault(variable, alias)
        edge = resolve_input(alias, entry, consumer, problems)
        if edge is not None:
            edges.append(edge)
    secret_edges: list[SecretEdge] = []
    for variable, entry in entries_of(secrets, "secrets", problems).items():
        path = f"secrets.{variable}"
        wrong_name = alias_problem(variable)
        problems.add(path, wrong_name, variable)
        if wrong_name is None and variable != contract.variable_name(variable):
            problems.add(path, f"Flyte wants a secret's variable in upper case: {contract.variable_name(variable)}")
        if contract.variable_name(variable) in aliases:
            problems.add(path, "an input has this variable already: rename one of them")
        secret_edge = resolve_secret(variable, entry, consumer, problems)
        if secret_edge is not None:
            secret_edges.append(secret_edge)
    return Edges(tuple(edges), tuple(secret_edges))


def alias_problem(alias: str) -> str | None:
    """Return why an alias cannot become a variable, or None."""
    if not contract.is_alias(alias):
        return "an alias becomes an environment variable: letters, digits and '_', no digit first"
    variable = contract.variable_name(alias)
    if contract.is_reserved_variable(variable):
        return f"{variable} is set by the platform itself: choose another alias"
    return None


def entries_of(argument: object, path: str, problems: Problems) -> Mapping[str, object]:
    """Return the entries of an argument that is a mapping. An entry of None is a problem."""
    if argument is None:
        return {}
    if not isinstance(argument, Mapping):
        problems.add(path, 'expected a mapping, such as {"name": …}', argument)
        return {}
    for key, item in argument.items():
        if not isinstance(key, str):
            problems.add(path, "expected strings as names", key)
        elif item is None:
            problems.add(f"{path}.{key}", "its value is None: is a configuration value missing?")
    return {key: item for key, item in argument.items() if isinstance(key, str) and item is not None}
