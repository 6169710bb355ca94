"""Reasons and operations in words, which every format for people uses. Pure.

A `Text` is a list of pieces: words, and names that a format may set off.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from pulumi_flyte_review.model.preview import SECRET, Json, Operation
from pulumi_flyte_review.model.reason import (
    ArgumentReason,
    ConfigurationReason,
    DriftReason,
    FileReason,
    PackageReason,
    PropertyReason,
    Reason,
    SecretReason,
    UpstreamReason,
)

VERBS: Mapping[Operation, str] = {
    "delete": "deletes",
    "replace": "replaces",
    "create": "creates",
    "import": "imports",
    "update": "updates",
    "read": "reads",
    "same": "leaves",
}
_EDITS = {"add": "added", "update": "changed", "delete": "removed"}
_UPSTREAM = {
    "version": "has a new version",
    "endpoint": "has another address",
    "credential": "has a new credential for it",
    "settings": "has other settings",
}
_LONGEST = 60


class Name(NamedTuple):
    """A name or a value that stands out from the words around it."""

    text: str


Piece = str | Name


def because(reason: Reason) -> list[Piece]:
    """Return a reason in words."""
    if isinstance(reason, FileReason):
        return [Name(reason.path), f" {_EDITS[reason.edit]}"]
    if isinstance(reason, ArgumentReason):
        return [Name(reason.path), *_edit(reason.old, reason.new, secret=reason.secret)]
    if isinstance(reason, ConfigurationReason):
        return ["configuration ", Name(reason.key)]
    if isinstance(reason, UpstreamReason):
        return [f"{reason.kind} ", Name(reason.name), f" {_UPSTREAM.get(reason.by, 'changes')}"]
    if isinstance(reason, SecretReason):
        return ["its value changes"]
    if isinstance(reason, PackageReason):
        return ["package ", Name(reason.name), *_edit(reason.old, reason.new)]
    if isinstance(reason, DriftReason):
        return [Name(reason.path), " was changed outside of Pulumi"]
    return _property(reason)


def _property(reason: PropertyReason) -> list[Piece]:
    if not reason.path:
        return [Name(reason.resource), f": {reason.new}"]
    return [Name(reason.resource), ": ", Name(reason.path), *_edit(reason.old, reason.new)]


def _edit(old: Json, new: Json, *, secret: bool = False) -> list[Piece]:
    """Return what becomes of a value."""
    if secret or (old == SECRET and new == SECRET):
        word = (
            "is set to a secret value"
            if old is None
            else "is no longer set"
            if new is None
            else "is another secret value"
        )
        return [f" {word}"]
    if old is None:
        return [" is set to ", Name(shown(new))]
    if new is None:
        return [" is no longer set (it was ", Name(shown(old)), ")"]
    return [": ", Name(shown(old)), " → ", Name(shown(new))]


def shown(value: Json) -> str:
    """Return a value on one line, cut where it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
