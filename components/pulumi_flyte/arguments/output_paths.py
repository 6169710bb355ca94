"""The paths in the arguments of a component that may have Outputs, from the types of its declaration."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

import pulumi

from pulumi_flyte.arguments.declaration import Declaration, Named, fields_of

# A step of a path: a name, `*` for any name, or `**` for everything below and the place itself.
Path = tuple[str, ...]


_PATHS: dict[type, tuple[Path, ...]] = {}


def output_paths(kind: type[Declaration]) -> tuple[Path, ...]:
    """Return the paths of a declaration that may have an Output."""
    if kind not in _PATHS:
        fields = fields_of(kind)
        _PATHS[kind] = tuple(path for name, field in fields.items() for path in _paths(field.annotation, (name,)))
    return _PATHS[kind]


def _paths(annotation: Any, path: Path) -> Iterator[Path]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        entries = next((item for item in arguments[1:] if isinstance(item, Named)), None)
        if entries is None:
            yield from _paths(arguments[0], path)
        else:
            yield (*path, "**") if entries.may_be_output else (*path, "*", "**")
    elif origin is pulumi.Output:
        yield path
    elif origin in (Union, types.UnionType):
        for item in arguments:
            yield from _paths(item, path)
    elif origin in (Mapping, Sequence):
        yield from _paths(arguments[-1], (*path, "*"))
    elif isinstance(annotation, type) and issubclass(annotation, Declaration):
        yield from ((*path, *inner) for inner in output_paths(annotation))
