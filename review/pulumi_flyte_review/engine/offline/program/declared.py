"""`Declared`: a resource as the stand-in engine knows it, which is what a state would hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi_flyte_provider.properties.codec import decode, encode
from pulumi_flyte_provider.properties.values import Properties

PROVIDER = "pulumi:providers:"


@dataclass(frozen=True, slots=True)
class Declared:
    """A resource of a program.

    id: of a custom resource; empty while it is not known. provider: the reference of its provider, `URN::id`.
    depends_on: the URNs that each property comes from. is_read: the program looks it up, and does not declare it.
    """

    urn: str
    type: str
    parent: str
    is_custom: bool
    provider: str
    inputs: Properties
    outputs: Properties = field(default_factory=dict)
    id: str = ""
    depends_on: Mapping[str, frozenset[str]] = field(default_factory=dict)
    is_read: bool = False

    def with_outputs(self, outputs: Properties, id: str = "") -> Declared:
        """Return the resource as it is after its registration."""
        return replace(self, outputs=outputs, id=id)

    def as_json(self) -> dict[str, Any]:
        """Return the resource for another process."""
        return {
            **{name: getattr(self, name) for name in ("urn", "type", "parent", "is_custom", "provider", "id")},
            "inputs": json_format.MessageToDict(encode(self.inputs)),
            "outputs": json_format.MessageToDict(encode(self.outputs)),
            "is_read": self.is_read,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Declared:
        """Return a resource that another process wrote."""
        return cls(
            **{**document, "inputs": _properties(document["inputs"]), "outputs": _properties(document["outputs"])}
        )


def _properties(document: Mapping[str, Any]) -> Properties:
    return decode(json_format.ParseDict(document, struct_pb2.Struct()))
