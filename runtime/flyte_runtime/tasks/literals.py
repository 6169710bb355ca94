"""Converts JSON and Python values to Flyte's literals, by the Flyte type of an input.

Flyte's SDK converts by a Python type that it guesses from the Flyte type. The guess can be too narrow: it takes a tuple
in a dataclass for a list of texts, and a union for its first variant. So this module converts JSON by the Flyte type
itself. It leaves other values (files, data frames, instances of classes) to the SDK.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import Enum
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from flyte_runtime.tasks.json_schema import Misfit, fit, kind_of, parsed

if TYPE_CHECKING:
    from flyteidl2.core import literals_pb2, types_pb2

__all__ = ["Fitted", "Ready", "fitted", "ready_type", "type_name"]

# Matches the values that the type engine quotes in its errors. They may be private.
_QUOTED = re.compile(r"got '.*?' of type", re.DOTALL)
# Flyte stores whole numbers in 64 bits.
_LEAST, _MOST = -(2**63), 2**63 - 1
_JSON = (str, int, float, bool, type(None), datetime, date, time, timedelta, Enum)


@dataclass(frozen=True)
class Fitted:
    """A converted input: its plain value, and its literal unless the SDK makes the literal at the start."""

    value: Any
    literal: literals_pb2.Literal | None = None


@dataclass(frozen=True)
class Ready:
    """A literal in the form of a Python value, since the SDK takes only Python values."""

    literal: literals_pb2.Literal


@cache
def ready_type() -> type[Ready]:
    """Register `Ready` with the SDK's type engine and return it."""
    from flyte.types import TypeEngine, TypeTransformer
    from flyteidl2.core import types_pb2

    class ReadyTransformer(TypeTransformer[Ready]):
        def get_literal_type(self, t: type[Ready]) -> types_pb2.LiteralType:
            return types_pb2.LiteralType(simple=types_pb2.SimpleType.NONE)

        async def to_literal(
            self, python_val: Ready, python_type: type[Ready], expected: types_pb2.LiteralType
        ) -> literals_pb2.Literal:
            return python_val.literal

        async def to_python_value(self, lv: literals_pb2.Literal, expected_python_type: type[Ready]) -> Ready:
            return Ready(lv)

    TypeEngine.register(ReadyTransformer("a literal of flyte_runtime", Ready))
    return Ready


async def fitted(value: Any, literal_type: types_pb2.LiteralType, python_type: Any) -> Fitted:
    """Convert a value to a Flyte type. `python_type` is the SDK's guess for it. Raises Misfit with every problem."""
    kind = literal_type.WhichOneof("type")
    if _is_offloaded(literal_type):
        return Fitted(value)  # the conversion of a file or a data frame uploads it, so it waits for the start
    if kind == "collection_type" and isinstance(value, (list, tuple)):
        return await _list(value, literal_type.collection_type, python_type)
    if kind == "map_value_type" and isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return await _map(value, literal_type.map_value_type, python_type)
    if kind == "union_type" and get_origin(python_type) in (Union, UnionType):
        return await _union(value, literal_type, python_type)
    if kind == "enum_type":
        value = _name_of(value, list(literal_type.enum_type.values), python_type)
    if kind == "simple":
        structure = _structure(value, literal_type)
        if structure is not None:
            return structure
        value = _leaf(value, literal_type)
    return Fitted(value, await _by_engine(value, literal_type, python_type))


async def _list(value: Any, item_type: types_pb2.LiteralType, python_type: Any) -> Fitted:
    from flyteidl2.core import literals_pb2

    places = {f"[{number}]": item for number, item in enumerate(value)}
    items = list((await _each(places, item_type, _argument(python_type, 0, item_type))).values())
    literal = literals_pb2.LiteralCollection(literals=[item.literal for item in items])
    return Fitted([item.value for item in items], literals_pb2.Literal(collection=literal))


async def _map(value: Mapping[str, Any], item_type: types_pb2.LiteralType, python_type: Any) -> Fitted:
    from flyteidl2.core import literals_pb2

    items = await _each(value, item_type, _argument(python_type, 1, item_type))
    literal = literals_pb2.LiteralMap(literals={name: item.literal for name, item in items.items()})
    return Fitted({name: item.value for name, item in items.items()}, literals_pb2.Literal(map=literal))


async def _each(places: Mapping[str, Any], item_type: types_pb2.LiteralType, python_type: Any) -> dict[str, Fitted]:
    items: dict[str, Fitted] = {}
    problems: list[str] = []
    for name, item in places.items():
        try:
            items[name] = await fitted(item, item_type, python_type)
        except Misfit as misfit:
            problems += [f"{name}: {problem}" for problem in misfit.problems]
    if problems:
        raise Misfit(*problems[:20])
    return items


async def _union(value: Any, literal_type: types_pb2.LiteralType, python_type: Any) -> Fitted:
    """Convert a value to the variant that accepts it unchanged, or else to the first variant that accepts it."""
    from flyteidl2.core import literals_pb2, types_pb2

    variants = list(literal_type.union_type.variants)
    types = get_args(python_type)
    if len(types) != len(variants):
        types = tuple(_guess(variant) for variant in variants)
    choices: list[tuple[types_pb2.LiteralType, Any, Fitted]] = []
    misfits: list[Misfit] = []
    for variant, variant_type in zip(variants, types, strict=True):
        try:
            choice = await fitted(value, variant, variant_type)
        except Misfit as misfit:
            if variant.simple != types_pb2.SimpleType.NONE or variant.WhichOneof("type") != "simple":
                misfits.append(misfit)
            continue
        choices.append((variant, variant_type, choice))
    if not choices:
        if len(misfits) == 1:
            raise misfits[0]
        raise Misfit(f"a value of type {type(value).__name__} does not fit {type_name(python_type)}")
    # Prefer the variant whose class the value is an instance of, then one that needs no conversion.
    same_class = [each for each in choices if type(value) is each[1]]
    unchanged = [each for each in choices if repr(each[2].value) == repr(value)]
    variant, _, choice = (same_class or unchanged or choices)[0]
    union = literals_pb2.Union(value=choice.literal, type=variant)
    return Fitted(choice.value, literals_pb2.Literal(scalar=literals_pb2.Scalar(union=union)))


def _structure(value: Any, literal_type: types_pb2.LiteralType) -> Fitted | None:
    """Convert JSON to a dataclass, a model or a tuple. Return None for another type or a value that is not JSON."""
    from flyteidl2.core import literals_pb2, types_pb2
    from google.protobuf.json_format import MessageToDict

    if literal_type.simple != types_pb2.SimpleType.STRUCT or not literal_type.HasField("metadata"):
        return None
    schema: dict[str, Any] = MessageToDict(literal_type.metadata)
    if schema.get("type") != "object" or "properties" not in schema or not _is_json(value):
        return None
    fields = _fields_of_tuple(schema)
    is_list = fields is not None and isinstance(value, (list, tuple))
    if fields is not None and is_list:
        if len(value) != len(fields):
            raise Misfit(f"expected a list of {len(fields)} items, not of {len(value)}")
        value = dict(zip(fields, value, strict=True))
    if not isinstance(value, Mapping):
        expected = f"a list of {len(fields)} items" if fields is not None else f"an object ({schema.get('title')})"
        raise Misfit(f"expected {expected}, not {kind_of(value)}")
    content = fit(value, schema)
    import msgpack  # type: ignore[import-untyped]

    try:
        packed = msgpack.packb(content)
    except TypeError as error:
        raise Misfit("a field without a type holds a value that is not JSON, such as a time") from error
    except (OverflowError, ValueError) as error:
        problem = "it holds a number that is too large or text that is not Unicode, or is nested too deeply"
        raise Misfit(problem) from error
    binary = literals_pb2.Binary(value=packed, tag="msgpack")
    plain = list(content.values()) if is_list else content
    return Fitted(plain, literals_pb2.Literal(scalar=literals_pb2.Scalar(binary=binary)))


def _fields_of_tuple(schema: Mapping[str, Any]) -> list[str] | None:
    """Return the field names of a tuple, which Flyte stores as an object: `item_0`, `item_1` …, or those of a
    NamedTuple.

    Return None for another type.
    """
    title, properties, required = str(schema.get("title")), schema["properties"], list(schema.get("required") or ())
    if title.startswith("TupleWrapper_"):
        return [f"item_{number}" for number in range(len(properties))]
    if title.startswith("NamedTupleWrapper_") and len(required) == len(properties):
        return required
    return None


def _leaf(value: Any, literal_type: types_pb2.LiteralType) -> Any:
    """Convert a JSON value to the Python value of a simple type. Other values stay unchanged."""
    from flyteidl2.core import types_pb2

    simple = types_pb2.SimpleType
    if literal_type.simple == simple.DATETIME and isinstance(value, (str, date)):
        moment = parsed(value, datetime) if isinstance(value, str) else value
        return moment if isinstance(moment, datetime) else datetime.combine(moment, time(), timezone.utc)
    if literal_type.simple == simple.DATETIME and not isinstance(value, datetime):
        return parsed(value, datetime)
    if literal_type.simple == simple.DURATION:
        return parsed(value, timedelta)
    if literal_type.simple == simple.INTEGER and isinstance(value, float) and value.is_integer():
        return int(value)
    if literal_type.simple == simple.INTEGER and isinstance(value, int) and not _LEAST <= value <= _MOST:
        raise Misfit("the number is too large")
    if literal_type.simple == simple.FLOAT and isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise Misfit("the number is too large") from None
    return value


def _name_of(value: Any, names: list[str], python_type: Any) -> Any:
    """Return the name of an enum's member. The value is its name, the member, or its value if the enum is known."""
    if isinstance(value, Enum):
        value = value.name
    if not (isinstance(value, str) and value in names):
        members = list(python_type) if isinstance(python_type, type) and issubclass(python_type, Enum) else []
        value = next((member.name for member in members if member.value == value and member.name in names), None)
    if value is None:
        raise Misfit(f"expected one of {', '.join(names)}")
    return value


async def _by_engine(value: Any, literal_type: types_pb2.LiteralType, python_type: Any) -> literals_pb2.Literal:
    from flyte.types import TypeEngine

    try:
        return await TypeEngine.to_literal(value, python_type, literal_type)
    except Exception as error:  # a transformer may raise any exception
        expected = _json_name(literal_type)
        if expected and _is_json(value):
            raise Misfit(f"expected {expected}, not {kind_of(value)}") from None
        detail = _QUOTED.sub("got a value of type", " ".join(str(error).split()))[:200]
        raise Misfit(
            f"a value of type {type(value).__name__} does not fit {type_name(python_type)}: {detail}"
        ) from error


def _json_name(literal_type: types_pb2.LiteralType) -> str | None:
    """Return the JSON name of a Flyte type, or None if JSON has no such type."""
    from flyteidl2.core import types_pb2

    simple = types_pb2.SimpleType
    match literal_type.WhichOneof("type"):
        case "collection_type":
            return "a list"
        case "map_value_type":
            return "an object"
        case "simple":
            names = {
                simple.INTEGER: "a whole number",
                simple.FLOAT: "a number",
                simple.STRING: "text",
                simple.BOOLEAN: "true or false",
            }
            return names.get(literal_type.simple)
    return None


def _argument(python_type: Any, position: int, item_type: types_pb2.LiteralType) -> Any:
    arguments = get_args(python_type)
    return arguments[position] if len(arguments) > position else _guess(item_type)


def _guess(literal_type: types_pb2.LiteralType) -> Any:
    from flyte.types import TypeEngine

    return TypeEngine.guess_python_type(literal_type)


def _is_json(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return all(map(_is_json, value))
    return isinstance(value, _JSON)


def _is_offloaded(literal_type: types_pb2.LiteralType) -> bool:
    kind = literal_type.WhichOneof("type")
    if kind == "collection_type":
        return _is_offloaded(literal_type.collection_type)
    if kind == "map_value_type":
        return _is_offloaded(literal_type.map_value_type)
    if kind == "union_type":
        return any(_is_offloaded(variant) for variant in literal_type.union_type.variants)
    return kind in {"blob", "structured_dataset", "schema"}


def type_name(python_type: Any) -> str:
    """Return the name of a type for messages."""
    return str(python_type).removeprefix("typing.") if get_args(python_type) else getattr(python_type, "__name__", "?")
