"""The payload of a delivery: the JSON value of its body, or an instance of a pydantic model."""

from __future__ import annotations

import math
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from flyte_runtime.webhooks.refusal import Refused

__all__ = ["fields_of", "parsed", "validated"]

_MOST_PROBLEMS = 20


def parsed(body: bytes) -> Any:
    """Return the JSON value of a body.

    Raises Refused 400 if it is not JSON in UTF-8, has NaN, Infinity or a number too large for a float (1e999), or is
    nested deeper than 200 levels, which is pydantic's limit.
    """
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Refused(400, f"the body is not valid JSON: {error}", reason="the body is not valid JSON") from None
    if _has_infinity(value):
        raise Refused(400, "the body is not valid JSON: a number is too large", reason="the body is not valid JSON")
    return value


def validated(adapter: TypeAdapter[Any], body: bytes) -> Any:
    """Return the value of a body that fits the adapter's type.

    Raises Refused: 400 as `parsed` does, or 422 with a list of problems as FastAPI's (`loc`, `msg`, `type`). The list
    holds no values.
    """
    parsed(body)  # pydantic would accept NaN, Infinity and 1e999 as floats
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        raise unfit([{**problem, "loc": ["body", *problem["loc"]]} for problem in problems]) from None
    except RecursionError:
        raise Refused(400, "the body is nested too deeply") from None


def _has_infinity(value: Any) -> bool:
    """Check for infinity, which the parser returns for numbers too large for a float. JSON cannot express it."""
    remaining = [value]
    while remaining:
        item = remaining.pop()
        if isinstance(item, float):
            if math.isinf(item):
                return True
        elif isinstance(item, dict):
            remaining.extend(item.values())
        elif isinstance(item, list):
            remaining.extend(item)
    return False


def unfit(problems: list[dict[str, Any]]) -> Refused:
    """Return the refusal (422) of a payload with these problems."""
    paths = ", ".join(".".join(map(str, problem["loc"])) for problem in problems[:3])
    return Refused(422, problems[:_MOST_PROBLEMS], reason=f"the payload does not fit: {paths[:200]}")


def fields_of(payload: Any) -> dict[str, Any] | None:
    """Return the payload as inputs of a task: the fields of a model or a JSON object, or None for other payloads."""
    if hasattr(payload, "model_dump"):
        dumped: dict[str, Any] = payload.model_dump()
        return dumped
    if isinstance(payload, dict) and all(isinstance(name, str) for name in payload):
        return payload
    return None
