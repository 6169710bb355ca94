"""One line for each delivery: JSON, by the logger `flyte_runtime.audit`, without bodies, keys or signatures."""

from __future__ import annotations

import json
import logging
from typing import Any

from flyte_runtime import tracing

__all__ = ["LOGGER", "write"]

LOGGER = logging.getLogger("flyte_runtime.audit")


def write(level: int, record: dict[str, Any]) -> None:
    """INFO for what was accepted, WARNING for what was refused, ERROR for what failed here."""
    context = tracing.incoming.get()
    if context is not None:
        record["trace_id"] = context.trace_id
    # ASCII: a sender's own words must not make lines of their own.
    LOGGER.log(level, "%s", json.dumps({name: value for name, value in record.items() if value is not None}))
