"""Declarations: frozen dataclasses whose fields say everything about the properties that they stand for.

The type of a field says what it takes, also whether it may be an Output; `Property` in its annotation says the rest.
From these come the constructors' checks, the package schema and the reference.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
import types
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, core_schema

from pulumi_flyte.arguments.call import CheckedCall
from pulumi_flyte.arguments.refusal import partial_of, problems_of, refused
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.problems import Problem, Problems, meant_by

D = TypeVar("D", bound="Declaration")


@dataclass(frozen=True)
class Property:
    """The description of a field, and its default value. The type of the field says the rest.

    The description has the unit, if there is one. `missing` is the message about a required value that is not given.
    """

    text: str
    default: str | int | bool | None = None
    secret: bool = False
    missing: str = "required"


@dataclass(frozen=True)
class Named:
    """The public name of a type that a room above this one defines.

    Parts of the value may be Outputs. The value itself may be one only with `may_be_output`.
    """

    name: str
    may_be_output: bool = True


@dataclass(frozen=True)
class Field:
    """A field of a declaration."""

    name: str
    annotation: Any
    about: Property
    required: bool

    @property
    def alias(self) -> str:
        """The name of the property in other languages."""
        return camel(self.name)

    @functools.cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """The validator of values. It is made when it is first used, as most fields of most programs never are used."""
        return TypeAdapter(self.annotation)

    def check(self, value: object) -> tuple[Any, list[Problem]]:
        """Return the value in its normal form, and its problems. With problems, it is what is right of the value, or
        None."""
        try:
            return self.adapter.validate_python(value), []
        except ValidationError as error:
            return partial_of(error), problems_of(error, self.name, hidden=self.about.secret)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Declaration(CheckedCall):
    """Base of all declarations. A value that is made by its constructor is checked where it is used, so that all
    problems of a component come at once, each with its whole path.

    `expected` is the end of a message about a value that is not a mapping, and `key_noun` what messages call one of its
    keys. `shorthands` are the types of single values that stand for a whole mapping.
    """

    expected: ClassVar[str] = "expected a mapping"
    key_noun: ClassVar[str] = "setting"
    shorthands: ClassVar[tuple[type, ...]] = ()

    # Written once: what `dataclass` would write for each class costs every import.

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash((type(self), *values_of(self)))

    def __repr__(self) -> str:
        fields = fields_of(type(self))
        values = (
            (name, "***" if fields[name].about.secret else repr(value)) for name, value in values_of(self).items()
        )
        return f"{type(self).__name__}({', '.join(f'{name}={text}' for name, text in values)})"

    @classmethod
    def collect(cls: type[D], problems: Problems, **values: object) -> D:
        """Return a declaration of the values that are right, and add every problem of the others.

        None stands for an argument that the caller left out. A required field that is missing becomes None, so that
        the later checks find their problems as well.
        """
        valid, mistakes = _valid_fields(cls, values)
        missing = {name: None for name, field in fields_of(cls).items() if field.required and name not in valid}
        declared = cls(**missing, **valid)
        problems.entries += [*mistakes, *declared.conflicts(_keys(cls, values))]
        return declared

    @classmethod
    def from_shorthand(cls, value: object) -> object:
        """Return the mapping that a single value stands for; any other value as it is."""
        return value

    def conflicts(self, keys: Collection[str]) -> Iterator[Problem]:
        """Yield problems of fields that do not go together. `keys` are those that the user wrote, also where their
        values are wrong and missing here."""
        return iter(())

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(value: object) -> Declaration:
            declared, problems = check(cls, value)
            if declared is None or problems:
                raise refused(*problems, partial=declared)
            return declared

        return core_schema.no_info_plain_validator_function(validate)


_FIELDS: dict[type, Mapping[str, Field]] = {}
_NAMES: dict[type, Mapping[str, str]] = {}


def fields_of(kind: type) -> Mapping[str, Field]:
    """Return the fields of a declaration by name."""
    if kind not in _FIELDS:
        hints = get_type_hints(kind, include_extras=True)
        _FIELDS[kind] = {
            item.name: _field(item.name, hints[item.name], required=item.default is dataclasses.MISSING)
            for item in dataclasses.fields(kind)
        }
    return _FIELDS[kind]


def _names(kind: type[Declaration]) -> Mapping[str, str]:
    """Return field names by the keys of a mapping: those of Python, and those of other languages."""
    if kind not in _NAMES:
        _NAMES[kind] = {key: name for name, field in fields_of(kind).items() for key in (name, field.alias)}
    return _NAMES[kind]


def check(kind: type[D], value: object) -> tuple[D | None, list[Problem]]:
    """Return a declaration of the fields that are right, and every problem of the others.

    value: a mapping, a value of this kind, or one of its shorthands. There is no declaration where something required
    is missing. The paths of the problems begin with a field's name; a problem of the whole has an empty path.
    """
    if isinstance(value, kind):
        value = {item.name: getattr(value, item.name) for item in dataclasses.fields(kind)}
    else:
        value = kind.from_shorthand(value)
    if not isinstance(value, Mapping):
        return None, [Problem("", kind.expected, value)]
    valid, problems = _valid_fields(kind, value)
    if any(field.required and name not in valid for name, field in fields_of(kind).items()):
        return None, problems
    declared = kind(**valid)
    return declared, [*problems, *declared.conflicts(_keys(kind, value))]


def _valid_fields(kind: type[Declaration], mapping: Mapping[str, object]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the normal forms of the values that are right, and every problem of the others."""
    fields, names, problems = fields_of(kind), _names(kind), list[Problem]()
    valid: dict[str, Any] = {}
    wrong: set[str | None] = set()
    for key, item in mapping.items():
        name = names.get(key)
        if name is None:
            problems.append(Problem(str(key), f"unknown {kind.key_noun}", alternatives=tuple(fields)))
            wrong.add(meant_by(str(key), fields))
        elif item is not None:
            normal, mistakes = fields[name].check(item)
            if mistakes:
                problems += mistakes
                wrong.add(name)
            if normal is not None:
                valid[name] = normal
    required = (field for field in fields.values() if field.required and field.name not in {*valid, *wrong})
    return valid, [*problems, *(Problem(field.name, field.about.missing) for field in required)]


def _keys(kind: type[Declaration], mapping: Mapping[str, object]) -> set[str]:
    """Return the names of the fields that the user wrote."""
    names = _names(kind)
    return {names.get(key, str(key)) for key, item in mapping.items() if item is not None}


def values_of(declaration: Declaration) -> dict[str, Any]:
    """Return the fields that are set."""
    values = ((name, getattr(declaration, name)) for name in fields_of(type(declaration)))
    return {name: value for name, value in values if value is not None}


def crossing(value: Any) -> Any:
    """Return a value as it crosses the engine: a declaration becomes a mapping without what is unset."""
    if isinstance(value, Declaration):
        return {camel(name): crossing(item) for name, item in values_of(value).items()}
    if isinstance(value, Mapping):
        return {key: crossing(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [crossing(item) for item in value]
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, date):
        return value.isoformat()
    return value


def _field(name: str, hint: Any, *, required: bool) -> Field:
    kind, *metadata = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    about = next(item for item in metadata if isinstance(item, Property))
    rules = [item for item in metadata if not isinstance(item, Property)]
    annotation = without_none(kind)
    for item in rules:
        annotation = Annotated[annotation, item]
    return Field(name, annotation, about, required)


def without_none(annotation: Any) -> Any:
    """Return the type of a field's value, without None."""
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation
    left = [item for item in get_args(annotation) if item is not type(None)]
    return functools.reduce(operator.or_, left)
