"""The ownership mark in the spec of an object. It names the resource that declared the object. A diff ignores it."""

from __future__ import annotations

import json
import secrets

from pydantic import BaseModel, ConfigDict, Field, ValidationError

VARIABLE = "PULUMI_FLYTE"


class Mark(BaseModel):
    """The value of `PULUMI_FLYTE`. Only `owner` decides about ownership. The other fields let Read restore the inputs.

    creation: a new id for each Create. A replacement may have the same name as the object that it replaces. With this
        id, the Delete of the old object does not delete the new one.
    attempt: the number of repeated deployments of a failed app. The platform would ignore an equal spec.
    left: the declared variables that are not in the spec, because the platform sets them in every app.
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
        """Return the mark as JSON. Equal marks give equal bytes, so that an unchanged object has no diff."""
        content = self.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True)
        return json.dumps(content, separators=(",", ":"), sort_keys=True)

    @classmethod
    def from_json(cls, text: str | None) -> Mark | None:
        """Return the mark in a text, or None if the text is not a mark."""
        try:
            return cls.model_validate_json(text) if text else None
        except ValidationError:
            return None


def new_creation() -> str:
    """Return a new id for a Create."""
    return secrets.token_hex(4)
