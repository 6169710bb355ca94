"""The marker of a secret: a second secret whose name tells who owns the first. Pure.

Flyte's secrets have no field for a mark. The name of a marker has a digest of the owner, and the id of the Create at
its end. Its other parts are for people, since nobody can read the value of a secret.
"""

from __future__ import annotations

import hashlib
import re

_SEPARATOR = "--"
_SHOWN = 40


def marker_name(name: str, owner: str, creation: str | None = None) -> str:
    """Return the name of the marker of secret `name` for its owner."""
    project, stack, resource = (*owner.split("/", 2), "", "")[:3]
    shown = (_legible(part) for part in (project, stack, resource.partition("::")[2]))
    return _SEPARATOR.join((_stem(name, owner), *shown, *((creation,) if creation else ())))


def is_marker(text: str, name: str) -> bool:
    """Check whether `text` is the name of a marker of the secret `name`."""
    return re.fullmatch(rf"{re.escape(name)}--[0-9a-f]{{12}}(--[-A-Za-z0-9_]*)?", text) is not None


def is_marker_of(text: str, name: str, owner: str) -> bool:
    """Check whether `text` is the name of a marker of the secret `name` for this owner, from any Create."""
    stem = _stem(name, owner)
    return text == stem or text.startswith(stem + _SEPARATOR)


def marked_owner(marker: str, name: str) -> str:
    """Return the owner in a marker of the secret `name`, in a short form for people."""
    project, stack, resource = (*marker.removeprefix(name).split(_SEPARATOR)[2:], "", "", "")[:3]
    return (
        f"{project}/{stack}/…::{resource}" if project else f"another Pulumi resource (its mark is the secret {marker})"
    )


def _stem(name: str, owner: str) -> str:
    return f"{name}{_SEPARATOR}{hashlib.sha256(owner.encode()).hexdigest()[:12]}"


def _legible(part: str) -> str:
    return re.sub(r"--+", "-", re.sub(r"[^-A-Za-z0-9_]", "_", part))[:_SHOWN].strip("-")
