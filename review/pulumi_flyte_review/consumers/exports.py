"""`Export`: an output of a stack, as far as its users depend on it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pulumi_flyte.notation.engine_marks import SECRET, SIGNATURE, UNKNOWN

from pulumi_flyte_review.model.names import Target
from pulumi_flyte_review.model.preview import Json

# A secret, and a value that is known after the update only.
HIDDEN, NOT_KNOWN = "hidden value", "value that is not known"


@dataclass(frozen=True, slots=True)
class Export:
    """An output. kind: `app`, `task` or `secret` for a link, and the type of any other value.

    target: what a link leads to. plane: the control plane that it is on. value: a plain value, None if it is hidden.
    """

    kind: str
    target: Target | None = None
    plane: str = ""
    # A list or a mapping has no hash, and a `Use` with its `Export` is the key of its break.
    value: Json = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class StackExports:
    """The outputs of one stack by name. stack: its full name."""

    stack: str
    outputs: Mapping[str, Export]

    def like(self, export: Export) -> str | None:
        """Return the name of an output that is the same link, such as a renamed one."""
        if export.target is None:
            return None
        return next((name for name, each in self.outputs.items() if each.target == export.target), None)


def export_of(value: Json) -> Export:
    """Return an output by its value."""
    if value == SECRET or (isinstance(value, Mapping) and SIGNATURE in value):
        return Export(HIDDEN)
    if value == UNKNOWN:
        return Export(NOT_KNOWN)
    target = Target.of(value) if isinstance(value, Mapping) else None
    if target is not None and isinstance(value, Mapping) and target.kind in ("app", "task", "secret"):
        plane = value.get("controlPlane")
        return Export(target.kind, target, "" if not isinstance(plane, Mapping) else str(plane.get("endpoint", "")))
    return Export(_type_of(value), value=value)


def exports_of(stack: str, outputs: Mapping[str, Json]) -> StackExports:
    """Return the outputs of a stack."""
    return StackExports(stack, {name: export_of(value) for name, value in outputs.items()})


def _type_of(value: Json) -> str:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "text"
    return "mapping" if isinstance(value, Mapping) else "nothing" if value is None else "list"
