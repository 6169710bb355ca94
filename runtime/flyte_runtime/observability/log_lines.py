"""Access and audit lines: one JSON object each, by loggers of their own, with the trace that they belong to."""

from __future__ import annotations

import json
import logging
from typing import Any

from flyte_runtime.observability import tracing

__all__ = ["ACCESS", "AUDIT", "write"]

ACCESS = logging.getLogger("flyte_runtime.access")
AUDIT = logging.getLogger("flyte_runtime.audit")


def write(logger: logging.Logger, level: int, record: dict[str, Any]) -> None:
    """Log `record` without its Nones. Its values are never secrets, bodies or queries: callers see to that."""
    if not logger.isEnabledFor(level):
        return
    context = tracing.incoming.get()
    if context is not None:
        record["trace_id"] = context.trace_id
    # ASCII: what a caller sent must not make lines of its own.
    logger.log(level, "%s", json.dumps({name: value for name, value in record.items() if value is not None}))
