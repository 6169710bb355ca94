"""`Resource`: a resource or a component of a preview, as a rule sees it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from pulumi_flyte.naming.urns import urn_of
from pulumi_flyte.notation.property_paths import value_at

# A rule sees neither secret values nor those that only the update knows: SECRET and UNKNOWN stand in for them.
Value: TypeAlias = "str | int | float | bool | Sequence[Value] | Mapping[str, Value] | None"

_WITH_CONTAINER = ("flyte:api:App", "flyte:api:Task")
_DEPLOYMENT = "kubernetes:apps/v1:Deployment"


@dataclass(frozen=True, slots=True)
class Container:
    """A container of an app or a task. path: of the properties that follow, such as `spec.template.spec.containers[0]`.

    image: None if the platform runs the code in an environment of its own.
    """

    path: str
    image: str | None
    limits: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource or a component.

    type: such as `flyte:index:App`, which has the arguments, or `flyte:api:App`, which has all that is deployed.
    inputs: the properties that the program gives. outputs: those that it has afterwards, as far as they are known.
    """

    type: str
    name: str
    urn: str
    inputs: Mapping[str, Value]
    outputs: Mapping[str, Value] = field(default_factory=dict)

    def __getitem__(self, path: str) -> Value:
        """Return the input at a path, such as `environment.insecure` or `secrets[0].key`, or None for an absent one."""
        return value_at(self.inputs, path)

    @property
    def is_flyte(self) -> bool:
        """True for a component or a resource of pulumi-flyte, and for all below one."""
        urn = urn_of(self.urn)
        return urn is not None and any(each.startswith("flyte:") for each in (*urn.parents, urn.type))

    @property
    def containers(self) -> Iterator[Container]:
        """The containers that it runs. A component runs none itself."""
        if self.type in _WITH_CONTAINER:
            image = self["image"]
            yield Container("", image if isinstance(image, str) and image else None, _mapping(self["resources.limits"]))
        elif self.type == _DEPLOYMENT and self.is_flyte:
            containers = self["spec.template.spec.containers"]
            for index, each in enumerate(containers if isinstance(containers, Sequence) else ()):
                if isinstance(each, Mapping):
                    resources = _mapping(each.get("resources"))
                    image = each.get("image")
                    path = f"spec.template.spec.containers[{index}]"
                    yield Container(path, image if isinstance(image, str) else None, _mapping(resources.get("limits")))


def _mapping(value: Value) -> Mapping[str, Value]:
    return value if isinstance(value, Mapping) else {}
