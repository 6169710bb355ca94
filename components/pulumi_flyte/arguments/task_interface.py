"""`TaskInterface`: the inputs and outputs of a task that is a container."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, TypedDict

from pydantic import Strict

from pulumi_flyte.arguments.declaration import Declaration, Property
from pulumi_flyte.arguments.refusal import Converted, Expected, mapping, refused
from pulumi_flyte.notation.interfaces import literal_type
from pulumi_flyte.problems import Problems

_TYPES = "Types are `int`, `float`, `str`, `bool`, `datetime`, `timedelta`, `file`, `dir`, `list[…]`, `dict[str, …]`."


def type_name(value: object) -> object:
    """Return the name of a type. Raises if Flyte has no such type."""
    problems = Problems()
    literal_type(value, "", problems)
    if problems:
        raise refused(*problems)
    return value


TypeName = Annotated[str, Converted(type_name)]
VariableName = Annotated[str, Strict(), Expected("expected strings as names")]
_A_MAPPING = mapping("expected a mapping from name to type")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TaskInterface(Declaration):
    """The inputs and outputs of a task that is a container."""

    expected: ClassVar[str] = 'expected a mapping such as {"inputs": {"text": "str"}, "outputs": {"count": "int"}}'
    key_noun: ClassVar[str] = "part"

    inputs: Annotated[Mapping[VariableName, TypeName] | None, _A_MAPPING, Property(f"Name to type. {_TYPES}")] = None
    outputs: Annotated[Mapping[VariableName, TypeName] | None, _A_MAPPING, Property(f"Name to type. {_TYPES}")] = None


class TaskInterfaceDict(TypedDict, total=False):
    """`TaskInterface` as a mapping."""

    inputs: Mapping[str, str] | None
    outputs: Mapping[str, str] | None
