"""The inputs of `flyte:api:Secret`, and the version of a value. Pure."""

from __future__ import annotations

import hashlib
import hmac

from pulumi_flyte_provider.properties.field_types import Bool, OptionalScope, SecretName, Text, Whole
from pulumi_flyte_provider.properties.shape import Shape, optional_field, required_field
from pulumi_flyte_provider.properties.values import Properties, reveal

EXISTING_VERSION = "existing"  # of a secret that somebody else keeps: nobody can read its value


class SecretInputs(Shape):
    """A secret in Flyte's store."""

    name: SecretName = required_field("The secret's key.")
    project: OptionalScope | None = optional_field("Its Flyte project; an empty text: not bound to one.")
    domain: OptionalScope | None = optional_field("Its Flyte domain; an empty text: not bound to one.")
    org: Text | None = optional_field("The organisation; by default the provider's.")
    value: Text | None = optional_field("The value.", json_schema_extra={"secret": True})
    existing: Bool | None = optional_field("Refers to a secret that somebody else keeps.")
    instance: Whole | None = optional_field("The local server's epoch: another one stores the secret again.")
    adopt: Bool | None = optional_field("Take over a secret that exists and is not this resource's.")


def version_of(key: str, value: str) -> str:
    """Return a version that changes exactly when the value does and says nothing about it.

    It is the value's HMAC-SHA256 under a random key.
    """
    return hmac.new(bytes.fromhex(key), value.encode(), hashlib.sha256).hexdigest()[:16]


def normal_form(inputs: Properties) -> Properties:
    """Return the inputs without those that mean nothing, so that equal secrets have equal inputs."""
    normal = {key: value for key, value in reveal(inputs).items() if value is not None}
    if normal.get("existing") is False:
        del normal["existing"]
    return normal
