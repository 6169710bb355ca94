"""Checks and converts JSON data by the JSON schema that Flyte stores for dataclasses, models and tuples. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from flyte_runtime.errors import nearest

__all__ = ["Misfit", "fit", "kind_of", "parsed"]

Schema = Mapping[str, Any]
_EXAMPLES: dict[type, str] = {
    datetime: "a time such as 2026-01-02T03:04:05Z",
    date: "a date such as 2026-01-02",
    time: "a time of day such as 03:04:05",
    timedelta: "a duration such as PT1H30M, or seconds",
}
_FORMATS: dict[str, type] = {
    "date-time": datetime,
    "date": date,
    "time": time,
    "duration": timedelta,
    "time-delta": timedelta,
}
_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list",
    tuple: "a list",
    dict: "an object",
    type(None): "null",
}
_TYPES: dict[str, type] = {
    "boolean": bool,
    "integer": int,
    "number": float,
    "string": str,
    "array": list,
    "object": dict,
    "null": type(None),
}


class Misfit(Exception):
    """A value does not fit its schema or type. `problems` are sentences that begin with the path of the value."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def fit(value: Any, schema: Schema) -> Any:
    """Return the value in the form of the schema, for example a whole number as a float, or a time in ISO 8601.

    Missing optional fields are not added. Raises Misfit with every problem.
    """
    fitting = _Fitting(schema.get("$defs") or schema.get("definitions") or {})
    try:
        fitted = fitting.fit(value, schema, "")
    except RecursionError:
        raise Misfit("it is nested too deeply") from None
    if fitting.problems:
        raise Misfit(*fitting.problems)
    return fitted


def kind_of(value: Any) -> str:
    """Return the JSON name of a value's type. It does not quote the value."""
    return _KINDS.get(type(value), f"a {type(value).__name__}")


def parsed(value: Any, target: type) -> Any:
    """Return the datetime, date, time or timedelta that a JSON text holds. A timedelta may also be a number of seconds.

    Raises Misfit.
    """
    if isinstance(value, target) and (target is not date or not isinstance(value, datetime)):
        return value
    if isinstance(value, str):
        # pydantic would also read a text such as "1700000000" as a unix time.
        is_accepted = target in {time, timedelta} or "-" in value[1:]
    else:
        is_accepted = target is timedelta and isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_accepted:
        try:
            return _adapter(target).validate_python(value)
        except (ValueError, OverflowError):
            pass
    raise Misfit(f"expected {_EXAMPLES[target]}, not {'this text' if isinstance(value, str) else kind_of(value)}")


@cache
def _adapter(target: type) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(target)


@dataclass
class _Fitting:
    definitions: Mapping[str, Schema]
    problems: list[str] = field(default_factory=list)

    def refuse(self, path: str, text: str) -> None:
        self.problems.append(f"{path}: {text}" if path else text)

    def fit(self, value: Any, schema: Any, path: str) -> Any:
        if not isinstance(schema, Mapping):  # the schema `true` accepts anything
            return value
        if "$ref" in schema:
            return self._referred(value, schema, path)
        variants = schema.get("anyOf") or schema.get("oneOf")
        if variants:
            return self._variant(value, schema, variants, path)
        if "const" in schema or "enum" in schema:
            return self._choice(value, schema, path)
        types = schema.get("type")
        if isinstance(types, list):
            return self._variant(value, schema, [{**schema, "type": each} for each in types], path)
        check: Callable[[Any, Schema, str], Any] | None = getattr(self, f"_{types}", None) if types in _TYPES else None
        return value if check is None else check(value, schema, path)

    def _referred(self, value: Any, schema: Schema, path: str) -> Any:
        target = self.definitions.get(str(schema["$ref"]).rsplit("/", 1)[-1], {})
        if "enum" in target and isinstance(value, (str, int, float)):
            return value  # the schema lists the names of an enum; the task also takes its values
        return self.fit(value, target, path)

    def _variant(self, value: Any, schema: Schema, variants: Sequence[Schema], path: str) -> Any:
        """Return the value in the form of the variant that accepts it unchanged, or of the first that accepts it."""
        variants = self._discriminated(value, schema, variants)
        fitting: list[Any] = []
        for variant in variants:
            attempt = _Fitting(self.definitions)
            fitted = attempt.fit(value, variant, path)
            if not attempt.problems:
                if repr(fitted) == repr(value):
                    return fitted
                fitting.append(fitted)
        if fitting:
            return fitting[0]
        others = [variant for variant in variants if variant.get("type") != "null"]
        if len(others) == 1:
            return self.fit(value, others[0], path)  # its problems are more precise
        self.refuse(path, f"expected {' or '.join(self._name(each) for each in variants)}, not {kind_of(value)}")
        return value

    def _discriminated(self, value: Any, schema: Schema, variants: Sequence[Schema]) -> Sequence[Schema]:
        discriminator = schema.get("discriminator")
        if isinstance(discriminator, Mapping) and isinstance(value, Mapping):
            reference = discriminator.get("mapping", {}).get(str(value.get(discriminator.get("propertyName"))))
            if reference is not None:
                return [{"$ref": reference}]
        return variants

    def _choice(self, value: Any, schema: Schema, path: str) -> Any:
        choices = [schema["const"]] if "const" in schema else schema["enum"]
        if not any(value == each and isinstance(value, bool) is isinstance(each, bool) for each in choices):
            self.refuse(path, f"expected one of {', '.join(map(_written, choices))}")
        return value

    def _boolean(self, value: Any, schema: Schema, path: str) -> Any:
        return self._of(bool, isinstance(value, bool), value, path)

    def _null(self, value: Any, schema: Schema, path: str) -> Any:
        return self._of(type(None), value is None, value, path)

    def _integer(self, value: Any, schema: Schema, path: str) -> Any:
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return self._of(int, isinstance(value, int) and not isinstance(value, bool), value, path)

    def _number(self, value: Any, schema: Schema, path: str) -> Any:
        if schema.get("format") in _FORMATS:
            duration = self._parsed(value, timedelta, path)
            return duration.total_seconds() if isinstance(duration, timedelta) else duration
        if isinstance(value, int) and not isinstance(value, bool):
            try:
                return float(value)
            except OverflowError:
                self.refuse(path, "the number is too large")
                return value
        return self._of(float, isinstance(value, float), value, path)

    def _string(self, value: Any, schema: Schema, path: str) -> Any:
        target = _FORMATS.get(str(schema.get("format")))
        if target is None:
            return self._of(str, isinstance(value, str), value, path)
        fitted = self._parsed(value, target, path)
        if isinstance(fitted, timedelta):
            return value if not isinstance(value, timedelta) else value.total_seconds()
        return fitted.isoformat() if hasattr(fitted, "isoformat") else fitted

    def _array(self, value: Any, schema: Schema, path: str) -> Any:
        if not isinstance(value, (list, tuple)):
            return self._of(list, False, value, path)
        prefix = schema.get("prefixItems") or []
        other_items = schema.get("items")
        least = int(schema.get("minItems", 0 if other_items else len(prefix)))
        if len(value) < least or (prefix and not other_items and len(value) > len(prefix)):
            self.refuse(path, f"expected a list of {len(prefix) or f'at least {least}'} items, not of {len(value)}")
            return value
        schemas = [*prefix, *[other_items] * (len(value) - len(prefix))]
        return [
            self.fit(item, each, f"{path}[{number}]")
            for number, (item, each) in enumerate(zip(value, schemas, strict=False))
        ]

    def _object(self, value: Any, schema: Schema, path: str) -> Any:
        if not isinstance(value, Mapping):
            return self._of(dict, False, value, path)
        properties: Mapping[str, Any] = schema.get("properties") or {}
        others = schema.get("additionalProperties", True)
        fitted = {}
        for name, item in value.items():
            place = f"{path}.{name}" if path else str(name)
            if name not in properties and others is False:
                fields = ", ".join(sorted(properties)) or "none"
                self.refuse(place, f"there is no such field{nearest(str(name), properties)}; the fields: {fields}")
                continue
            fitted[name] = self.fit(item, properties.get(name, others), place)
        for name in schema.get("required") or ():
            if name in value:
                continue
            if self._takes_null(properties.get(name)):
                fitted[name] = None
            else:
                self.refuse(f"{path}.{name}" if path else name, f"is missing ({self._name(properties.get(name, {}))})")
        return fitted

    def _takes_null(self, schema: Any) -> bool:
        attempt = _Fitting(self.definitions)
        return isinstance(schema, Mapping) and attempt.fit(None, schema, "") is None and not attempt.problems

    def _parsed(self, value: Any, target: type, path: str) -> Any:
        try:
            return parsed(value, target)
        except Misfit as misfit:
            self.refuse(path, str(misfit))
            return value

    def _of(self, expected: type, fits: bool, value: Any, path: str) -> Any:
        if not fits:
            self.refuse(path, f"expected {_KINDS[expected]}, not {kind_of(value)}")
        return value

    def _name(self, schema: Schema) -> str:
        if "$ref" in schema:
            return str(schema["$ref"]).rsplit("/", 1)[-1]
        if "enum" in schema:
            return f"one of {', '.join(map(_written, schema['enum']))}"
        variants = schema.get("anyOf") or schema.get("oneOf")
        if variants:
            return " or ".join(self._name(each) for each in variants)
        target = _FORMATS.get(str(schema.get("format")))
        if target is not None:
            return _EXAMPLES[target]
        return str(schema.get("title") or _KINDS.get(_TYPES.get(str(schema.get("type")), object), "anything"))


def _written(choice: Any) -> str:
    """Return a choice as JSON writes it. Flyte stores the whole numbers of a schema as floats."""
    return str(int(choice)) if isinstance(choice, float) and choice.is_integer() else str(choice)
