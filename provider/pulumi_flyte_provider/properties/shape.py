"""Shapes describe inputs. They are frozen pydantic models with the rules of the Flyte API."""

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
    """Return the shape of inputs that have passed `examine` and hold no unknown values."""
    return shape.model_validate({key: value for key, value in revealed.items() if value is not None})


def optional_field(doc: str, **options: Any) -> Any:
    """Declare an optional property, with its description for the schema."""
    return Field(default=None, description=doc, **options)


def required_field(doc: str, **options: Any) -> Any:
    """Declare a required property, with its description for the schema."""
    return Field(description=doc, **options)
