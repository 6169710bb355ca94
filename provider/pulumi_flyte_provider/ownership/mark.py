"""The ownership mark: it names who declared an object, inside the object's own spec, and is never part of a diff."""

from __future__ import annotations

import json
import secrets

from pydantic import BaseModel, ConfigDict, Field, ValidationError

VARIABLE = "PULUMI_FLYTE"


class Mark(BaseModel):
    """The value of `PULUMI_FLYTE`. Only `owner` decides about ownership; the rest lets Read restore the inputs.

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
        """Return the mark as JSON. Equal marks give equal bytes, so that an unchanged object is unchanged."""
        content = self.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True)
        return json.dumps(content, separators=(",", ":"), sort_keys=True)

    @classmethod
    def from_json(cls, text: str | None) -> Mark | None:
        """Return the mark, or None if there is none that can be read."""
        try:
            return cls.model_validate_json(text) if text else None
        except ValidationError:
            return None


def new_creation() -> str:
    """Return the id of a Create."""
    return secrets.token_hex(4)
