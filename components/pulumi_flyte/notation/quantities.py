"""Numbers as they arrive, and the limits of the platform. Pure. Quantities follow Kubernetes' `resource.Quantity`."""

from __future__ import annotations

from typing import Any

from pulumi_flyte.notation.amounts import amount

DEFAULT_PORT = 8080
MAX_REQUEST_TIMEOUT = 3600  # Knative's cap
MOST_UNSIGNED = 2**32 - 1  # of a count in the Flyte API, which is a uint32
MOST_SECONDS = 315_576_000_000  # google/protobuf/duration.proto


def is_quantity(text: str) -> bool:
    """Return whether a text is a non-negative Kubernetes quantity, such as `500m`, `2` or `1.5Gi`."""
    return amount(text) is not None


def whole(value: Any) -> Any:
    """Return a whole number that crossed the engine, and so arrived as a float, as an int again."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
