"""Access and audit lines: one JSON object each, by loggers of their own, with the trace that they belong to."""

from __future__ import annotations

import json
import logging
from typing import Any

from flyte_runtime import tracing

__all__ = ["ACCESS", "ANSWERED", "AUDIT", "LOCAL_PATH", "write"]

ACCESS = logging.getLogger("flyte_runtime.access")
AUDIT = logging.getLogger("flyte_runtime.audit")
# In the scope of a request under `rt.serve`: an object whose `status` is what the client was answered, None before;
# its `at_end` takes a function that is called once with that and the application's exception, when all is over.
ANSWERED = "flyte_runtime.answered"
# In the scope of a request that came with a prefix: the path without the prefix, which is the same by every address.
LOCAL_PATH = "flyte_runtime.local_path"


def write(logger: logging.Logger, level: int, record: dict[str, Any]) -> None:
    """Log `record` without its Nones. Its values are never secrets, bodies or queries: callers see to that."""
    if not logger.isEnabledFor(level):
        return
    context = tracing.incoming.get()
    if context is not None:
        record["trace_id"] = context.trace_id
    # ASCII: what a caller sent must not make lines of its own.
    logger.log(level, "%s", json.dumps({name: value for name, value in record.items() if value is not None}))
