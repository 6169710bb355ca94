"""The inputs of `flyte:api:Secret`, and the version of a value. Pure."""

from __future__ import annotations

import hashlib
import hmac

from pulumi_flyte_provider.properties.field_types import Bool, OptionalScope, SecretName, Text, Whole
from pulumi_flyte_provider.properties.shape import Shape, optional_field, required_field
from pulumi_flyte_provider.properties.values import Properties, reveal

EXISTING_VERSION = "existing"  # the version of a secret to which a resource only refers, since its value cannot be read


class SecretInputs(Shape):
    """A secret in Flyte's store."""

    name: SecretName = required_field("The secret's key.")
    project: OptionalScope | None = optional_field("Its Flyte project. An empty text means all projects.")
    domain: OptionalScope | None = optional_field("Its Flyte domain. An empty text means all domains.")
    org: Text | None = optional_field("The organisation; by default the provider's.")
    value: Text | None = optional_field("The value.", json_schema_extra={"secret": True})
    existing: Bool | None = optional_field("Only refer to a secret that somebody else manages.")
    instance: Whole | None = optional_field("The local server's epoch: another one stores the secret again.")
    adopt: Bool | None = optional_field("Take over an existing secret that does not belong to this resource.")


def version_of(key: str, value: str) -> str:
    """Return a version that changes only if the value changes, and reveals nothing about the value.

    It is the HMAC-SHA256 of the value with a random key.
    """
    return hmac.new(bytes.fromhex(key), value.encode(), hashlib.sha256).hexdigest()[:16]


def normal_form(inputs: Properties) -> Properties:
    """Return the inputs without default values, so that equal secrets have equal inputs."""
    normal = {key: value for key, value in reveal(inputs).items() if value is not None}
    if normal.get("existing") is False:
        del normal["existing"]
    return normal
