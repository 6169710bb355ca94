"""W3C trace context (https://www.w3.org/TR/trace-context/): read from a request and sent with its calls."""

from __future__ import annotations

import random
import re
import sys
from contextvars import ContextVar
from dataclasses import dataclass

__all__ = ["TraceContext", "begin", "incoming", "outgoing_headers", "parse"]

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
# The characters of a valid header. A call with any other byte in a header would fail.
_STATE = re.compile(r"[\t -~]{1,512}")


@dataclass(frozen=True)
class TraceContext:
    """The trace context of a request: the trace, the caller's span, the sampling flags, and the vendors' state."""

    trace_id: str
    span_id: str
    flags: str = "01"
    state: str = ""


incoming: ContextVar[TraceContext | None] = ContextVar("flyte_runtime_trace", default=None)


def parse(traceparent: str | None, tracestate: str = "") -> TraceContext | None:
    """Return the context in a request's headers, or None if it is missing or malformed.

    A `tracestate` is dropped if it is not printable ASCII or has more than 512 characters, the length that every system
    must pass on (§3.3.1.5). The trace goes on without it.
    """
    match = _TRACEPARENT.fullmatch(traceparent.strip()) if traceparent else None
    if match is None:
        return None
    version, trace_id, span_id, flags, extra = match.groups()
    if version == "ff" or (version == "00" and extra) or set(trace_id) == {"0"} or set(span_id) == {"0"}:
        return None
    state = tracestate.strip()
    return TraceContext(trace_id, span_id, flags, state if _STATE.fullmatch(state) else "")


def begin() -> TraceContext:
    """Return a new trace context, for a request that came without one."""
    return TraceContext(f"{random.getrandbits(128) or 1:032x}", f"{random.getrandbits(64) or 1:016x}")


def outgoing_headers() -> list[tuple[str, str]]:
    """Return `traceparent` and `tracestate` for a call: a new span of the current trace, or of a new trace.

    A current OpenTelemetry span wins. This function does not import OpenTelemetry.
    """
    if "opentelemetry.trace" in sys.modules:
        headers = _from_opentelemetry()
        if headers:
            return headers
    context = incoming.get() or begin()
    span = f"{random.getrandbits(64) or 1:016x}"
    headers = [("traceparent", f"00-{context.trace_id}-{span}-{context.flags}")]
    if context.state:
        headers.append(("tracestate", context.state))
    return headers


def _from_opentelemetry() -> list[tuple[str, str]]:
    from opentelemetry import propagate

    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    if "traceparent" not in carrier:
        return []
    # The propagated values may come from a stranger's request.
    return [(name, value) for name, value in carrier.items() if value.isascii() and value.isprintable()]
