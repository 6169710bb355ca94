"""Access and audit log lines. Each is one JSON object with its trace. Each kind has its own logger."""

from __future__ import annotations

import json
import logging
from typing import Any

from flyte_runtime.observability import tracing

__all__ = ["ACCESS", "AUDIT", "write"]

ACCESS = logging.getLogger("flyte_runtime.access")
AUDIT = logging.getLogger("flyte_runtime.audit")


def write(logger: logging.Logger, level: int, record: dict[str, Any]) -> None:
    """Log the fields of `record` that are not None. Callers must not pass secrets, bodies or queries."""
    if not logger.isEnabledFor(level):
        return
    context = tracing.incoming.get()
    if context is not None:
        record["trace_id"] = context.trace_id
    # json.dumps writes ASCII, so text from a request cannot start a new line.
    logger.log(level, "%s", json.dumps({name: value for name, value in record.items() if value is not None}))
