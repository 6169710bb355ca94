"""The ownership mark: who declared an object, inside the object's own spec and never part of a diff."""

from __future__ import annotations

import hashlib
import json
import re
import secrets

from pydantic import BaseModel, ConfigDict, Field, ValidationError

VARIABLE = "PULUMI_FLYTE"


class Mark(BaseModel):
    """What `PULUMI_FLYTE` holds. Only `owner` decides about ownership; the rest lets Read restore the inputs.

    `creation` is new with each Create. A replacement may make an object of the name of the one that it replaces: with
    this, the Delete of the old one leaves the new one alone.
    `attempt` counts how often a failed app was tried again as it is: an equal spec would be no change to the platform.
    `left` are declared variables that the spec lacks, since the platform sets them in every app itself.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    owner: str
    creation: str | None = None
    version: str | None = None
    bundle: str | None = None
    secret_versions: dict[str, str] = Field(default_factory=dict, alias="secretVersions")
    attempt: int = 0
    left: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Compact and stable: equal marks give equal bytes, so that an unchanged object is unchanged."""
        content = self.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True)
        return json.dumps(content, separators=(",", ":"), sort_keys=True)

    @classmethod
    def from_json(cls, text: str | None) -> Mark | None:
        """None where there is no mark, or one that nobody can read."""
        try:
            return cls.model_validate_json(text) if text else None
        except ValidationError:
            return None


_SEPARATOR = "--"
_SHOWN = 40


def new_creation() -> str:
    """Return the id of a Create."""
    return secrets.token_hex(4)


def marker_secret(name: str, owner: str, creation: str | None = None) -> str:
    """Return the secret that stands beside secret `name` for its owner: secrets have no field for a mark.

    The digest makes it one owner's, and the last part names the Create. The rest is for people: nobody can read the
    value of a secret.
    """
    project, stack, resource = (*owner.split("/", 2), "", "")[:3]
    shown = (_legible(part) for part in (project, stack, resource.rpartition("::")[2]))
    return _SEPARATOR.join((_stem(name, owner), *shown, *((creation,) if creation else ())))


def is_marked_by(marker: str, name: str, owner: str) -> bool:
    """Return whether `marker` names a marker of secret `name` for this owner, of whatever Create."""
    stem = _stem(name, owner)
    return marker == stem or marker.startswith(stem + _SEPARATOR)


def _stem(name: str, owner: str) -> str:
    return f"{name}{_SEPARATOR}{hashlib.sha256(owner.encode()).hexdigest()[:12]}"


def is_marker_secret(marker: str, name: str) -> bool:
    """Return whether `marker` names a marker of secret `name`."""
    return re.fullmatch(rf"{re.escape(name)}--[0-9a-f]{{12}}(--[-A-Za-z0-9_]*)?", marker) is not None


def marked_owner(marker: str, name: str) -> str:
    """Return who a marker of secret `name` names, as far as people can tell from it."""
    project, stack, resource = (*marker.removeprefix(name).split(_SEPARATOR)[2:], "", "", "")[:3]
    return (
        f"{project}/{stack}/…::{resource}" if project else f"another Pulumi resource (its mark is the secret {marker})"
    )


def _legible(part: str) -> str:
    return re.sub(r"--+", "-", re.sub(r"[^-A-Za-z0-9_]", "_", part))[:_SHOWN].strip("-")
