"""Finds the secret values in a stack's configuration and state, so that the output can be masked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_flyte.notation.engine_marks import SECRET_SIGNATURE, SIGNATURE


def is_secret(document: Mapping[str, Any]) -> bool:
    """Return whether a document of the engine is a secret value, encrypted or not."""
    return document.get(SIGNATURE) == SECRET_SIGNATURE


def of_configuration(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the values in what `pulumi config --show-secrets --json` prints."""
    for entry in document.values():
        if entry.get("secret"):
            yield from _texts(entry["objectValue"] if "objectValue" in entry else entry.get("value"))


def of_state(document: Any) -> Iterator[str]:
    """Yield the values in what `pulumi stack export --show-secrets` prints."""
    if isinstance(document, Mapping):
        if is_secret(document):
            if "plaintext" in document:
                yield from _texts(json.loads(document["plaintext"]))
            return
        for item in document.values():
            yield from of_state(item)
    elif isinstance(document, list):
        for item in document:
            yield from of_state(item)


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts inside a value. A number is yielded as text. A text with JSON is yielded whole and in parts."""
    if isinstance(value, str):
        yield value
        try:
            inside = json.loads(value)
        except ValueError:
            return
        if isinstance(inside, (Mapping, list)):
            yield from _texts(inside)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
