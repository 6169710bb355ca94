"""`Edges`: all references of a workload, resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from flyte_runtime import contract

from pulumi_flyte import links
from pulumi_flyte.links import SecretLink
from pulumi_flyte.problems import Problems
from pulumi_flyte.wiring.consumer import Consumer
from pulumi_flyte.wiring.crossing import crossing_problem
from pulumi_flyte.wiring.edge import AppEdge, Edge, SecretEdge, Stored, TaskEdge
from pulumi_flyte.wiring.inputs import resolve_input
from pulumi_flyte.wiring.late import checked_secret
from pulumi_flyte.wiring.linkable import is_linkable
from pulumi_flyte.wiring.reference_parts import part_problems


@dataclass(frozen=True, slots=True)
class Edges:
    """The references of a workload: to apps, tasks and values by alias, and to secrets by variable."""

    inputs: tuple[Edge, ...] = ()
    secrets: tuple[SecretEdge, ...] = ()

    @property
    def apps(self) -> list[AppEdge]:
        """The edges to apps, without those through an Output."""
        return [edge for edge in self.inputs if isinstance(edge, AppEdge)]

    @property
    def waits_for(self) -> list[pulumi.Resource]:
        """The resources that the workload waits for."""
        known = [edge for edge in self.inputs if isinstance(edge, (AppEdge, TaskEdge))]
        return [edge.waits_for for edge in (*known, *self.secrets) if edge.waits_for is not None]

    @property
    def variables(self) -> set[str]:
        """The variables that the wiring sets in the container."""
        return {contract.variable_name(edge.alias) for edge in self.inputs} | {each.variable for each in self.secrets}

    def callees(self, project: str, domain: str) -> list[str]:
        """Return the Flyte names of the apps and tasks of one project and domain that the workload has links to."""
        return [
            edge.link.name
            for edge in self.inputs
            if isinstance(edge, (AppEdge, TaskEdge))
            and not edge.by_name
            and (edge.link.project, edge.link.domain) == (project, domain)
        ]

    def stored(self) -> dict[str, dict[str, Stored]]:
        """Return the component's properties `inputs` and `secrets` as the engine stores and compares them."""
        properties = {
            "inputs": {edge.alias: edge.stored for edge in self.inputs},
            "secrets": {edge.variable: edge.stored for edge in self.secrets},
        }
        return {name: entries for name, entries in properties.items() if entries}


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
        problems.add(path, alias_problem(variable), variable)
        if variable != contract.variable_name(variable):
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


def resolve_secret(variable: str, entry: object, consumer: Consumer, problems: Problems) -> SecretEdge | None:
    """Resolve an entry of `secrets`. Return None where it is no secret."""
    path = f"secrets.{variable}"
    if isinstance(entry, pulumi.Output):
        late = checked_secret(entry, path, consumer)
        link = SecretLink(name=late["name"], version=late.apply(lambda value: value.get("version")))
        return SecretEdge(variable=variable, link=link)
    waits_for = None
    if is_linkable(entry):
        waits_for, entry = entry.resource, entry.link_value
    elif isinstance(entry, Mapping):
        entry = links.from_dict(entry)
    if not isinstance(entry, SecretLink):
        # The value itself may be the secret's: it is not shown.
        problems.add(path, "a Secret component (or its `link`): a value never goes into a workload's arguments")
        return None
    wrong_parts = part_problems(entry)
    problems.within(path, wrong_parts)
    if wrong_parts:
        return None
    problems.add(path, crossing_problem(entry, consumer.settings))
    return SecretEdge(variable=variable, link=entry, waits_for=waits_for)


def entries_of(argument: object, path: str, problems: Problems) -> Mapping[str, object]:
    """Return the entries of an argument that is a mapping. An entry of None is a problem."""
    if argument is None:
        return {}
    if not isinstance(argument, Mapping):
        problems.add(path, 'a mapping, such as {"name": …}', argument)
        return {}
    for key, item in argument.items():
        if item is None:
            problems.add(f"{path}.{key}", "nothing was given (None): is a configuration value missing?")
    return {str(key): item for key, item in argument.items() if item is not None}
