"""A report as a JSON document, and the schema of it. Pure.

The declarations in `model/report` and `model/reason` say the shape, and pydantic writes and reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from pulumi_flyte_review.errors import ReviewError
from pulumi_flyte_review.model.preview import Json
from pulumi_flyte_review.model.report import Graph, Report

FORMAT = 1
# A report on 1,000 apps has less than one million characters.
LARGEST = 64_000_000


class ReportError(ReviewError):
    """A file that `pulumi-flyte diff --format json` did not write."""


class _Header(BaseModel):
    """The part of a document that says how to read the rest."""

    format: Literal[1]


def json_text(value: Report | Graph) -> str:
    """Return the document of a report or of a wiring as text."""
    return json.dumps(document(value), indent=2, ensure_ascii=False) + "\n"


def document(value: Report | Graph) -> Mapping[str, Json]:
    """Return the document of a report or of a wiring. Of the messages, it has warnings only."""
    if isinstance(value, Report):
        warnings = tuple(each for each in value.diagnostics if each.severity == "warning")
        value = replace(value, diagnostics=warnings)
    return {
        "format": FORMAT,
        **_adapter(Report if isinstance(value, Report) else Graph).dump_python(value, mode="json", by_alias=True),
    }


def report_from_json(text: str | bytes) -> Report:
    """Return the report. Raises ReportError that says where the document is wrong.

    The document can come from code that nobody has read yet.
    """
    if len(text) > LARGEST:
        raise ReportError(f"The report has {len(text):,} characters. The largest that is read has {LARGEST:,}.")
    try:
        _Header.model_validate_json(text)
        report: Report = _adapter(Report).validate_json(text)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, problem["loc"])) or "the text"
        raise ReportError(
            f"This is not a report of `pulumi-flyte diff --format json`: {place}: {problem['msg']}."
        ) from None
    return report


def schema() -> Mapping[str, Any]:
    """Return the JSON schema of a report, which docs/reference/review.schema.json publishes."""
    shape = _adapter(Report).json_schema(mode="serialization", schema_generator=_Schema)
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        **shape,
        "title": "The report of pulumi-flyte diff and pulumi-flyte drift",
        "required": ["format", *shape["required"]],
        "properties": {
            "format": {"const": FORMAT, "description": "Another number is another format."},
            **shape["properties"],
        },
    }


class _Schema(GenerateJsonSchema):
    """A document has every key, and no other one. Reading takes more, so that an older version reads a newer report."""

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        shape = super().dataclass_schema(schema)
        properties = {
            name: {key: value for key, value in each.items() if key not in ("title", "default")}
            for name, each in shape.get("properties", {}).items()
        }
        # The rest of a docstring is about the fields in Python.
        description = str(shape["description"]).partition("\n")[0].partition(". ")[0].rstrip(".")
        shape["description"] = f"{description}."
        return {**shape, "properties": properties, "required": list(properties), "additionalProperties": False}


@cache
def _adapter(shape: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(shape)
