"""Paths of secret values inside a document. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pulumi_flyte.notation.engine_marks import SECRET

from pulumi_flyte_review.model.preview import Json

Path = tuple[str, ...]


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
