"""The JSON of a body, as it is or as a pydantic model."""

from __future__ import annotations

import math
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from flyte_runtime.webhooks.refusal import Refused

__all__ = ["fields_of", "parsed", "validated"]

_MOST_PROBLEMS = 20


def parsed(body: bytes) -> Any:
    """Raises Refused 400: not JSON in UTF-8, with NaN or Infinity, with a number that no float holds (1e999), or
    nested deeper than pydantic's 200 levels."""
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Refused(400, f"the body is not valid JSON: {error}", reason="the body is not valid JSON") from None
    if _has_infinity(value):
        raise Refused(400, "the body is not valid JSON: a number is too large", reason="the body is not valid JSON")
    return value


def validated(adapter: TypeAdapter[Any], body: bytes) -> Any:
    """Raises Refused: 400 as above, 422 with FastAPI's list of problems (`loc`, `msg`, `type`), without the values."""
    parsed(body)  # pydantic takes NaN, Infinity and 1e999 as floats
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        raise unfit([{**problem, "loc": ["body", *problem["loc"]]} for problem in problems]) from None
    except RecursionError:
        raise Refused(400, "the body is nested too deeply") from None


def _has_infinity(value: Any) -> bool:
    """What JSON's text says as a number and no float holds becomes infinity, and no answer could say it again."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, float):
            if math.isinf(item):
                return True
        elif isinstance(item, dict):
            left.extend(item.values())
        elif isinstance(item, list):
            left.extend(item)
    return False


def unfit(problems: list[dict[str, Any]]) -> Refused:
    paths = ", ".join(".".join(map(str, problem["loc"])) for problem in problems[:3])
    return Refused(422, problems[:_MOST_PROBLEMS], reason=f"the payload does not fit: {paths[:200]}")


def fields_of(payload: Any) -> dict[str, Any] | None:
    """As a task's inputs: a model's fields in plain values, a JSON object as it is, None for anything else."""
    if hasattr(payload, "model_dump"):
        dumped: dict[str, Any] = payload.model_dump()
        return dumped
    if isinstance(payload, dict) and all(isinstance(name, str) for name in payload):
        return payload
    return None
