"""`Urn`: Pulumi's name of a resource, with its parts. Pure."""

from __future__ import annotations

from dataclasses import dataclass

# The type of a stack itself, which is the parent of all resources that have no other one.
STACK = "pulumi:pulumi:Stack"
_PREFIX = "urn:pulumi:"


@dataclass(frozen=True, slots=True)
class Urn:
    """The URN `urn:pulumi:{stack}::{project}::{parent types}${type}::{name}`. Only the name may contain `::`."""

    stack: str
    project: str
    types: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Urn:
        """Return the URN of a text. Raises ValueError for any other text."""
        urn = urn_of(text)
        if urn is None:
            raise ValueError(f"{text!r} is not a Pulumi URN")
        return urn

    @classmethod
    def below(cls, parent: str, stack: str, project: str, type_: str, name: str) -> Urn:
        """Return the URN of a resource below a parent, which is empty for none.

        The URNs of a stack's resources do not contain the stack's own type.
        """
        above = cls.parse(parent).types if parent else STACK
        return cls(stack, project, type_ if above == STACK else f"{above}${type_}", name)

    def __str__(self) -> str:
        return f"{_PREFIX}{self.stack}::{self.project}::{self.types}::{self.name}"

    @property
    def type(self) -> str:
        """The type of the resource, without the types of its parents."""
        return self.types.rpartition("$")[2]

    @property
    def parents(self) -> tuple[str, ...]:
        """The types of the components around it, the outermost first."""
        return tuple(self.types.split("$")[:-1])

    @property
    def title(self) -> str:
        """The last word of the type and the name, such as `App web`."""
        return f"{self.type.rpartition(':')[2]} {self.name}"


def urn_of(text: str) -> Urn | None:
    """Return the URN of a text, or None for any other text."""
    parts = text.removeprefix(_PREFIX).split("::", 3)
    return Urn(*parts) if text.startswith(_PREFIX) and len(parts) == 4 else None


def is_stack(urn: str) -> bool:
    """Return whether a URN is that of a stack itself."""
    parsed = urn_of(urn)
    return parsed is not None and parsed.type == STACK
