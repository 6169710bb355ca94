"""Paths of values inside a document, as tuples and as the engine writes them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pulumi_flyte_review.model.preview import SECRET, Json

Path = tuple[str, ...]
_PART = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.\[\]]+)')


def secret_paths(value: Json, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of the secret values inside. An item of a list has its number."""
    if value == SECRET:
        yield path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from secret_paths(item, (*path, str(key)))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from secret_paths(item, (*path, str(index)))


def value_at(document: Json, path: str) -> Json:
    """Return the value at a dotted path. None where the path leads nowhere."""
    for part in parts_of(path):
        if isinstance(document, Mapping):
            document = document.get(part)
        elif isinstance(document, (list, tuple)) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        else:
            return None
    return document


def parts_of(path: str) -> Path:
    """Return the parts of a path as the engine writes it: `spec.containers[0].env["a.b"]`."""
    return tuple(quoted or index or word for quoted, index, word in _PART.findall(path))
