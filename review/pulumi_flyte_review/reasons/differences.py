"""The differences of two documents, and the names of what differs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pulumi_flyte_review.model.preview import Json

# The keys directly below these are names that the user chose.
_NAMED_BY_THE_USER = frozenset({"inputs", "secrets", "env", "triggers", "outputs", "labels", "annotations"})
_UPPER = re.compile(r"(?<=[a-z0-9])([A-Z])")


class Difference(NamedTuple):
    """A value that differs. None: the value is missing on that side."""

    path: tuple[str, ...]
    old: Json
    new: Json


def differences(old: Json, new: Json, path: tuple[str, ...] = ()) -> Iterator[Difference]:
    """Yield what differs, as deep as both sides are mappings. A list counts as one value."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in (*old, *(key for key in new if key not in old)):
            yield from differences(old.get(key), new.get(key), (*path, key))
    # A program in another language sends `2.0` for `2`, which is not a difference; Python's `True == 1` is one.
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        yield Difference(path, old, new)


def python_path(path: tuple[str, ...]) -> str:
    """Return a path as a program in Python writes it: `requires_auth`, `scaling.replicas`, `env.LOG_LEVEL`."""
    words = []
    for index, part in enumerate(path):
        chosen = index > 0 and path[index - 1] in _NAMED_BY_THE_USER
        words.append(part if chosen else _UPPER.sub(lambda match: f"_{match[1].lower()}", part))
    return ".".join(words)
