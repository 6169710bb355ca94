"""How inputs are described: frozen pydantic models whose rules are the Flyte API's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Shape(BaseModel):
    """The inputs of a resource or of a nested object, under their schema (camelCase) names."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=False, hide_input_in_errors=True
    )


S = TypeVar("S", bound=Shape)


def parse(shape: type[S], revealed: Mapping[str, Any]) -> S:
    """The inputs as a value. Only for inputs that passed `examine`, without unknown values."""
    return shape.model_validate({key: value for key, value in revealed.items() if value is not None})


def optional_field(doc: str, **options: Any) -> Any:
    """An optional property with its description for the schema."""
    return Field(default=None, description=doc, **options)


def required_field(doc: str, **options: Any) -> Any:
    """A required property with its description for the schema."""
    return Field(description=doc, **options)
