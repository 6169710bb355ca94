"""Changes of a stack's outputs: what its program exports for people and for other stacks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pulumi_flyte.notation.engine_marks import UNKNOWN
from pydantic import Field

from pulumi_flyte_review.model.preview import Json, PropertyEdit


@dataclass(frozen=True, slots=True)
class ExportChange:
    """An output of the stack that changes. name: it has the keys inside, such as `urls.frontend`.

    old, new: None for a side that has no such output. Two values that are secret cannot be told apart.
    """

    name: Annotated[str, Field(description="With the keys inside of a mapping, such as `urls.frontend`.")]
    edit: PropertyEdit
    old: Json = None
    new: Annotated[Json, Field(description=f"`{UNKNOWN}`: the update tells.")] = None

    @property
    def is_unknown(self) -> bool:
        """True if only the update tells the new value."""
        return _has_unknown(self.new)


def _has_unknown(value: Json) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_unknown, value.values()))
    return any(map(_has_unknown, value)) if isinstance(value, (list, tuple)) else value == UNKNOWN
