"""The protocol that every kind of resource follows."""

from __future__ import annotations

from typing import Protocol

from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.properties.difference import Difference
from pulumi_flyte_provider.properties.values import Properties
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.state import State


class Resource(Protocol):
    """The life of one kind of object.

    `inputs` are the properties that the program declares now, `old` is what state holds. Only `check`, `diff` and
    `preview` meet unknown values.
    """

    def check(self, operation: Operation, inputs: Properties, problems: Problems) -> Properties:
        """Return the inputs with defaults filled in. Everything that is wrong with them goes into `problems`."""

    def diff(self, operation: Operation, old: State, inputs: Properties) -> Difference:
        """Return what `up` would change. It asks nobody and is quick, unless the resource `LooksOutside`."""

    def preview(self, operation: Operation, inputs: Properties, old: State | None) -> Properties:
        """Return the outputs that `up` will give, as far as they are known. `old` is None before a Create."""

    def create(self, operation: Operation, inputs: Properties) -> State:
        """Make the object."""

    def read(self, operation: Operation, old: State) -> State | None:
        """Return the live object, or None if it is gone. For an import, `old` has an id only."""

    def update(self, operation: Operation, old: State, inputs: Properties) -> State:
        """Change the object, or make it again if it is gone."""

    def delete(self, operation: Operation, old: State) -> None:
        """Remove the object. One that is gone already is fine."""


class LooksOutside:
    """Marks a resource whose `diff` looks at the machine or the platform, and so may take a while. It changes
    nothing."""
