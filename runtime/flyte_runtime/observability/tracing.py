"""W3C trace context (https://www.w3.org/TR/trace-context/): taken from a request, passed on with its calls."""

from __future__ import annotations

import random
import re
import sys
from contextvars import ContextVar
from dataclasses import dataclass

__all__ = ["TraceContext", "begin", "incoming", "outgoing_headers", "parse"]

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
# What a header may carry on: another byte would make every call of the request impossible.
_STATE = re.compile(r"[\t -~]{1,512}")


@dataclass(frozen=True)
class TraceContext:
    """Where a request belongs: its trace, the caller's span, the sampling flags, and the vendors' state as it came."""

    trace_id: str
    span_id: str
    flags: str = "01"
    state: str = ""


incoming: ContextVar[TraceContext | None] = ContextVar("flyte_runtime_trace", default=None)


def parse(traceparent: str | None, tracestate: str = "") -> TraceContext | None:
    """The context in a request's headers; None where there is none or it is malformed (then a new trace begins).

    A state that is not printable ASCII, or longer than the 512 characters that all must pass on (§3.3.1.5), is left
    out: it is the vendors' own, and the trace goes on without it.
    """
    match = _TRACEPARENT.fullmatch(traceparent.strip()) if traceparent else None
    if match is None:
        return None
    version, trace_id, span_id, flags, more = match.groups()
    if version == "ff" or (version == "00" and more) or set(trace_id) == {"0"} or set(span_id) == {"0"}:
        return None
    state = tracestate.strip()
    return TraceContext(trace_id, span_id, flags, state if _STATE.fullmatch(state) else "")


def begin() -> TraceContext:
    """The context of a request that came without one: a trace of its own."""
    return TraceContext(f"{random.getrandbits(128) or 1:032x}", f"{random.getrandbits(64) or 1:016x}")


def outgoing_headers() -> list[tuple[str, str]]:
    """`traceparent` (and `tracestate`) of a call made now: a new span of the current trace, or a trace of its own.

    An OpenTelemetry span that is current wins; OpenTelemetry is not imported for it.
    """
    if "opentelemetry.trace" in sys.modules:
        carried = _from_opentelemetry()
        if carried:
            return carried
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
    # Baggage may be a stranger's, too.
    return [(name, value) for name, value in carrier.items() if value.isascii() and value.isprintable()]
