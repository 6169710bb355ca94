"""Checks inputs against their shape and reports all problems with their paths.

Unknown values pass all rules. A problem never quotes a secret.
"""

from __future__ import annotations

from typing import Any

from pulumi_flyte.problems import Problems, nearest
from pydantic import ValidationError

from pulumi_flyte_provider.properties.paths import PropertyPath, dotted, is_secret_at, secret_paths
from pulumi_flyte_provider.properties.shape import Shape
from pulumi_flyte_provider.properties.values import UNKNOWN, Properties, reveal

_VERSION, _WIRING = ("version",), ("env", "FLYTE_WIRING")


def examine(shape: type[Shape], inputs: Properties, problems: Problems, *, secrets: bool = False) -> Properties:
    """Add all problems of the inputs to `problems`. Return the inputs without secret wrappers, for further rules.

    secrets: True if the inputs may hold secrets.
    """
    revealed: Properties = reveal(inputs)
    try:
        shape.model_validate({key: value for key, value in revealed.items() if value is not None})
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _add(problems, shape, inputs, detail)
    if not secrets:
        _refuse_secrets(inputs, problems)
    return revealed


def _refuse_secrets(inputs: Properties, problems: Problems) -> None:
    """Refuse all secrets. Flyte stores and shows a spec as plain text, so a secret in it would leak."""
    for path in _causes(secret_paths(inputs)):
        problems.add(
            dotted(path),
            "this value is a secret, and Flyte shows a spec to everybody: declare a Secret and pass it in secrets",
        )


def _causes(paths: list[PropertyPath]) -> list[PropertyPath]:
    """Return the paths without those whose values a component derives from others, so that a mistake is one problem."""
    others = [path for path in paths if path not in (_VERSION, _WIRING)]
    if _WIRING in paths and not any(path[0] == "env" for path in others):
        others.append(_WIRING)
    return others or paths


def _add(problems: Problems, shape: type[Shape], inputs: Properties, detail: Any) -> None:
    location: PropertyPath = tuple(step for step in detail["loc"] if step != "[key]")
    if detail["input"] is UNKNOWN:
        return
    path = dotted(location)
    hidden = detail["type"] in ("missing", "extra_forbidden") or is_secret_at(inputs, location)
    problems.add(path, _reason(shape, detail, location), None if hidden else detail["input"])


def _reason(shape: type[Shape], detail: Any, location: PropertyPath) -> str:
    kind = detail["type"]
    if kind == "rule":
        return str(detail["ctx"]["reason"])
    if kind == "missing":
        return "it is required"
    if kind == "extra_forbidden":
        return f"unknown property{nearest(str(location[-1]), _properties_at(shape, location[:-1]))}"
    expected = _EXPECTED.get(kind)
    return f"expected {expected}" if expected else str(detail["msg"])


_EXPECTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "list_type": "a list",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}


def _properties_at(shape: type[Shape], location: PropertyPath) -> list[str]:
    """Return the valid properties at the location of an unknown one."""
    here: type[Shape] | None = shape
    for step in location:
        if here is None or isinstance(step, int):
            continue
        field = next((f for f in here.model_fields.values() if f.alias == step), None)
        here = _nested(field.annotation) if field is not None else None
    return [f.alias or name for name, f in here.model_fields.items()] if here is not None else []


def _nested(annotation: Any) -> type[Shape] | None:
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        shape = _nested(argument)
        if shape is not None:
            return shape
    return None
