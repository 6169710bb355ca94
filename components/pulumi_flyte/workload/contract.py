"""`Contract`: the API that an app offers, and the calls that a workload makes. Pure.

A manifest has both as packed text: Pulumi's state indents what it keeps, and an API is deep.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import NamedTuple

from pulumi_flyte.source.description import Description, Json

# An API of a thousand operations is smaller.
_LARGEST = 50_000_000


class Contract(NamedTuple):
    """The API of an app (source/reader/openapi.py), None if it has no document, and the calls of a workload's code
    (source/reader/calls)."""

    api: Json | None = None
    calls: tuple[Json, ...] = ()

    @classmethod
    def of(cls, description: Description) -> Contract:
        """Return the contract of a source."""
        return cls(description.api, description.calls)


def packed(value: Json | tuple[Json, ...]) -> str:
    """Return a JSON value as short text."""
    document = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return base64.b64encode(zlib.compress(document.encode(), 9)).decode()


def unpacked(text: str) -> object:
    """Return the inverse of `packed`, and None for any other text."""
    try:
        return json.loads(zlib.decompressobj().decompress(base64.b64decode(text, validate=True), _LARGEST))
    except (binascii.Error, zlib.error, ValueError):
        return None
