"""The inputs of `flyte:api:Project`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Strict

from pulumi_flyte_provider.properties.field_types import Bool, Scope, Text, Whole, at_most
from pulumi_flyte_provider.properties.shape import Shape, optional_field, required_field
from pulumi_flyte_provider.properties.values import Properties, reveal


class ProjectInputs(Shape):
    """A Flyte project."""

    name: Scope = required_field("The project's id.")
    org: Text | None = optional_field("The organisation; by default the provider's.")
    display_name: Text | None = optional_field("The name for people. Default: the id.")
    description: Annotated[str, Strict(), at_most(300, "a description")] | None = optional_field("A short text.")
    labels: dict[str, Text] | None = optional_field("Labels.")
    instance: Whole | None = optional_field("The local server's epoch: another one makes the project again.")
    adopt: Bool | None = optional_field("Take over an existing project that does not belong to this resource.")


def normal_form(inputs: Properties) -> Properties:
    """Return the inputs with defaults for missing values, so that equal projects have equal inputs."""
    normal = {key: value for key, value in reveal(inputs).items() if value not in (None, {})}
    normal.setdefault("displayName", normal.get("name"))
    return normal
