"""The protocol of a kind of resource."""

from __future__ import annotations

from typing import Protocol

from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.properties.difference import Difference
from pulumi_flyte_provider.properties.values import Properties
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.state import State


class Resource(Protocol):
    """The engine's operations on one kind of object.

    `inputs` are the properties that the program declares now. `old` is the resource in state. Only `check`, `diff` and
    `preview` get unknown values.
    """

    def check(self, operation: Operation, inputs: Properties, problems: Problems) -> Properties:
        """Return the inputs with defaults. Add all their problems to `problems`."""

    def diff(self, operation: Operation, old: State, inputs: Properties) -> Difference:
        """Return the changes of `up`. It is quick and makes no calls, unless the resource `LooksOutside`."""

    def preview(self, operation: Operation, inputs: Properties, old: State | None) -> Properties:
        """Return the outputs of `up`, as far as they are known. Before a Create, `old` is empty (None)."""

    def create(self, operation: Operation, inputs: Properties) -> State:
        """Create the object."""

    def read(self, operation: Operation, old: State) -> State | None:
        """Return the live object, or None if it is gone. For an import, `old` has only an id."""

    def update(self, operation: Operation, old: State, inputs: Properties) -> State:
        """Update the object, or create it again if it is gone."""

    def delete(self, operation: Operation, old: State) -> None:
        """Delete the object, unless it is already gone."""


class LooksOutside:
    """A marker for resources whose `diff` reads from the machine or the platform, which may take a while."""
