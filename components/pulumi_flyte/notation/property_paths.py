"""Paths of properties as Pulumi's engine writes them: `spec.containers[0].env["a.b"]`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pulumi_flyte.problems import nearest

T = TypeVar("T")
_PART = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.\[\]]+)')


class PathEndError(LookupError):
    """A path that leads nowhere. reached: the part of it that leads to a value. value: that value."""

    def __init__(self, reached: str, value: object, reason: str) -> None:
        self.reached, self.value = reached, value
        super().__init__(reason)


def parts_of(path: str) -> tuple[str, ...]:
    """Return the keys of a path. An item of a list has its number."""
    return tuple(quoted or index or word for quoted, index, word in _PART.findall(path))


def follow(document: T, path: str) -> T:
    """Return the value at a path. Raises PathEndError that says where the path ends."""
    value: Any = document
    end = 0
    for match in _PART.finditer(path):
        part, reached = next(filter(None, match.groups()), ""), path[:end]
        if isinstance(value, Mapping):
            if part not in value:
                raise PathEndError(reached, value, f"{reached or 'it'} has no {part!r}{nearest(part, value)}")
            value = value[part]
        elif _is_list(value) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            raise PathEndError(reached, value, f"there is nothing below {reached!r}, which is {value!r}")
        end = match.end()
    result: T = value
    return result


def value_at(document: T, path: str) -> T | None:
    """Return the value at a path, or None if the path leads nowhere."""
    try:
        return follow(document, path)
    except PathEndError:
        return None


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))
