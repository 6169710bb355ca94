"""The marker of a secret: a second secret beside it, whose name says who owns the first. Pure.

Flyte's secrets have no field for a mark. The digest in a marker's name makes it one owner's, and its last part names
the Create. The rest is for people: nobody can read the value of a secret.
"""

from __future__ import annotations

import hashlib
import re

_SEPARATOR = "--"
_SHOWN = 40


def marker_name(name: str, owner: str, creation: str | None = None) -> str:
    """Return the name of the marker of secret `name` for its owner."""
    project, stack, resource = (*owner.split("/", 2), "", "")[:3]
    shown = (_legible(part) for part in (project, stack, resource.rpartition("::")[2]))
    return _SEPARATOR.join((_stem(name, owner), *shown, *((creation,) if creation else ())))


def is_marker(text: str, name: str) -> bool:
    """Return whether `text` names a marker of secret `name`."""
    return re.fullmatch(rf"{re.escape(name)}--[0-9a-f]{{12}}(--[-A-Za-z0-9_]*)?", text) is not None


def is_marker_of(text: str, name: str, owner: str) -> bool:
    """Return whether `text` names a marker of secret `name` for this owner, of whatever Create."""
    stem = _stem(name, owner)
    return text == stem or text.startswith(stem + _SEPARATOR)


def marked_owner(marker: str, name: str) -> str:
    """Return the owner that a marker of secret `name` names, as far as people can tell from it."""
    project, stack, resource = (*marker.removeprefix(name).split(_SEPARATOR)[2:], "", "", "")[:3]
    return (
        f"{project}/{stack}/…::{resource}" if project else f"another Pulumi resource (its mark is the secret {marker})"
    )


def _stem(name: str, owner: str) -> str:
    return f"{name}{_SEPARATOR}{hashlib.sha256(owner.encode()).hexdigest()[:12]}"


def _legible(part: str) -> str:
    return re.sub(r"--+", "-", re.sub(r"[^-A-Za-z0-9_]", "_", part))[:_SHOWN].strip("-")
