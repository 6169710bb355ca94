"""`DeclaredStack`: all that a program declares, as frozen values for plain assertions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pulumi_flyte.problems import nearest
from pulumi_flyte.testing.values import Value, at


class NotDeclaredError(LookupError):
    """A test looks at a resource that the program does not declare."""


@dataclass(frozen=True)
class DeclaredResource:
    """A resource or a component.

    inputs: the properties that the program gives it, spelled as in the reference. outputs: those that it has
    afterwards. parent, depends_on: URNs. `resource["env.RESIZE"]` is the value at a path, of the outputs or the inputs.
    """

    type: str
    name: str
    urn: str
    inputs: Mapping[str, Value]
    outputs: Mapping[str, Value] = field(default_factory=dict)
    parent: str = ""
    depends_on: frozenset[str] = frozenset()
    provider: str = ""
    protect: bool = False
    ignore_changes: tuple[str, ...] = ()

    def __getitem__(self, path: str) -> Value:
        return at({**self.inputs, **self.outputs}, path, str(self))

    def __str__(self) -> str:
        return f"{self.type} {self.name!r}"


@dataclass(frozen=True)
class DeclaredStack:
    """All that a program declares.

    resources: in the order in which the program registers them. exports: the stack's outputs. warnings: the messages
    that a preview would show.
    """

    project: str
    stack: str
    resources: tuple[DeclaredResource, ...]
    exports: Mapping[str, Value]
    warnings: tuple[str, ...] = ()

    def app(self, name: str) -> DeclaredResource:
        """Return an App by its Pulumi name. Raises NotDeclaredError."""
        return self.resource("flyte:index:App", name)

    def task(self, name: str) -> DeclaredResource:
        """Return a Task by its Pulumi name. Raises NotDeclaredError."""
        return self.resource("flyte:index:Task", name)

    def secret(self, name: str) -> DeclaredResource:
        """Return a Secret by its Pulumi name. Raises NotDeclaredError."""
        return self.resource("flyte:index:Secret", name)

    def environment(self, name: str) -> DeclaredResource:
        """Return an Environment by its Pulumi name. Raises NotDeclaredError."""
        return self.resource("flyte:index:Environment", name)

    def resource(self, type: str, name: str) -> DeclaredResource:
        """Return any resource by its type and its Pulumi name. Raises NotDeclaredError."""
        same_type = [each for each in self.resources if each.type == type]
        for each in same_type:
            if each.name == name:
                return each
        if not same_type:
            raise NotDeclaredError(
                f"the program declares no {type}{_declared_types(each.type for each in self.resources)}"
            )
        raise NotDeclaredError(f"the program declares no {type} {name!r}{nearest(name, [e.name for e in same_type])}")

    def of_type(self, type: str) -> tuple[DeclaredResource, ...]:
        """Return all resources of a type."""
        return tuple(each for each in self.resources if each.type == type)

    def below(self, component: DeclaredResource) -> tuple[DeclaredResource, ...]:
        """Return the resources of a component, such as the deployment of an App, with those below them."""
        inside = {component.urn}
        below: list[DeclaredResource] = []
        for each in self.resources:
            if each.parent in inside:
                inside.add(each.urn)
                below.append(each)
        return tuple(below)


def _declared_types(types: Iterable[str]) -> str:
    names = sorted(set(types))
    return f"; it declares {', '.join(names)}" if names else ", nor anything else"
