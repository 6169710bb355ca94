"""Edges: the entries of a workload's `inputs` and `secrets`, each resolved once to a value with fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pulumi
from flyte_runtime import contract

from pulumi_flyte.engine.outputs import Text, lift
from pulumi_flyte.links import AppLink, SecretLink, TaskLink

# An edge as the engine stores and compares it: a string, a mapping, or an Output of one.
Stored = str | Mapping[str, Any] | pulumi.Output[Any]
# A part of the document that the container reads (`contract.Wiring`). An Output may be anywhere inside.
Entry = Mapping[str, Any]

_PLACEHOLDER = "placeholder"
_PLACEHOLDER_APP = AppLink("p", "d", _PLACEHOLDER, "http://placeholder.invalid")
_PLACEHOLDER_TASK = TaskLink("p", "d", _PLACEHOLDER, _PLACEHOLDER)


class CallerKey(NamedTuple):
    """The key of an app that requires credentials. The credentials of its callers are signed with it.

    created_at: when the key was made, in unix seconds.
    """

    private_key: pulumi.Input[str]
    created_at: pulumi.Input[int]


class AppEdge(NamedTuple):
    """An edge to an app.

    timeout, retries: of a call, in seconds and as a number of further attempts.
    by_name: whether the program gave only the app's name. Such an edge orders nothing and carries no credential.
    key: the app's key, if it requires credentials and its key is in this program.
    waits_for: the resource that the caller waits for.
    """

    alias: str
    link: AppLink
    stored: Stored
    timeout: float | None = None
    retries: int | None = None
    by_name: bool = False
    key: CallerKey | None = None
    waits_for: pulumi.Resource | None = None

    @property
    def audience(self) -> str:
        """The app as credentials name it."""
        return contract.audience(self.link.project, self.link.domain, self.link.name)

    @property
    def value(self) -> Text:
        """The value of the alias's own variable."""
        return self.link.url

    @property
    def entry(self) -> Entry:
        """The edge in the document."""
        return {
            "kind": "app",
            "project": self.link.project,
            "domain": self.link.domain,
            "name": self.link.name,
            "url": self.link.url,
            "public_url": self.link.public_url,
            "timeout": self.timeout,
            "retries": self.retries,
            "credential_variable": None if self.key is None else contract.credential_variable(self.alias),
        }

    def placeholder(self) -> AppEdge:
        """Return an edge of the same kind that holds nothing real."""
        return AppEdge(alias=self.alias, link=_PLACEHOLDER_APP, stored=_PLACEHOLDER)


class TaskEdge(NamedTuple):
    """An edge to a task. The fields are as in `AppEdge`; a task's runs are not repeated by the caller."""

    alias: str
    link: TaskLink
    stored: Stored
    timeout: float | None = None
    by_name: bool = False
    waits_for: pulumi.Resource | None = None

    @property
    def value(self) -> Text:
        """The value of the alias's own variable."""
        return lift(_task_reference, [self.link.project, self.link.domain, self.link.name, self.link.version])

    @property
    def entry(self) -> Entry:
        """The edge in the document."""
        return {
            "kind": "task",
            "project": self.link.project,
            "domain": self.link.domain,
            "name": self.link.name,
            "version": self.link.version,
            "timeout": self.timeout,
        }

    def placeholder(self) -> TaskEdge:
        """Return an edge of the same kind that holds nothing real."""
        return TaskEdge(alias=self.alias, link=_PLACEHOLDER_TASK, stored=_PLACEHOLDER)


class ValueEdge(NamedTuple):
    """A plain string."""

    alias: str
    value: str

    @property
    def stored(self) -> Stored:
        """The edge as the engine stores it."""
        return self.value

    @property
    def entry(self) -> Entry:
        """The edge in the document, which never has the value."""
        return {"kind": "value"}

    def placeholder(self) -> ValueEdge:
        """Return an edge of the same kind that holds nothing real."""
        return ValueEdge(alias=self.alias, value=_PLACEHOLDER)


KnownEdge = AppEdge | TaskEdge | ValueEdge


class LateEdge(NamedTuple):
    """An edge through an Output. Once the Output is known, `resolved` is the edge that it stands for."""

    alias: str
    resolved: pulumi.Output[KnownEdge]
    stored: Stored

    @property
    def value(self) -> Text:
        """The value of the alias's own variable."""
        return self.resolved.apply(lambda edge: edge.value)

    @property
    def entry(self) -> pulumi.Output[Entry]:
        """The edge in the document."""
        return self.resolved.apply(lambda edge: edge.entry)

    def placeholder(self) -> ValueEdge:
        """Return an edge that holds nothing real."""
        return ValueEdge(alias=self.alias, value=_PLACEHOLDER)


Edge = KnownEdge | LateEdge


class SecretEdge(NamedTuple):
    """An entry of `secrets`: the container's variable `variable` has the value of the secret.

    waits_for: the resource that the workload waits for. output: the output of another stack that the link is made from.
    """

    variable: str
    link: SecretLink
    waits_for: pulumi.Resource | None = None
    output: pulumi.Output[Any] | None = None

    @property
    def stored(self) -> Stored:
        """The edge as the engine stores it: never the secret's value."""
        return self.link.as_dict() if self.output is None else self.output

    def placeholder(self) -> SecretEdge:
        """Return an edge that holds nothing real."""
        name = self.link.name if isinstance(self.link.name, str) else self.variable
        return SecretEdge(variable=self.variable, link=SecretLink(name))


class Edges(NamedTuple):
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
        ordered = [edge for edge in self.inputs if isinstance(edge, (AppEdge, TaskEdge))]
        return [edge.waits_for for edge in (*ordered, *self.secrets) if edge.waits_for is not None]

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


def _task_reference(parts: list[Any]) -> str:
    project, domain, name, version = parts
    return contract.TaskInput(project=project, domain=domain, name=name, version=version).reference
