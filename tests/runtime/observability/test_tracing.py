"""W3C trace context in and out."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import httpx
import pytest
from flyte_runtime.observability import tracing
from hypothesis import given
from hypothesis import strategies as st

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "garbage",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}",
    ],
)
def test_a_malformed_parent_begins_a_new_trace(header: str | None) -> None:
    assert tracing.parse(header) is None


def test_a_later_version_may_carry_more() -> None:
    assert tracing.parse(f"cc-{TRACE}-{SPAN}-01-what-the-future-brings") == tracing.TraceContext(TRACE, SPAN, "01")


@given(st.text())
def test_parsing_never_fails(header: str) -> None:
    tracing.parse(header)


def test_a_call_is_a_new_span_of_the_same_trace() -> None:
    token = tracing.incoming.set(tracing.parse(f"00-{TRACE}-{SPAN}-00", "vendor=1"))
    try:
        headers = dict(tracing.outgoing_headers())
    finally:
        tracing.incoming.reset(token)
    version, trace, span, flags = headers["traceparent"].split("-")
    assert (version, trace, flags) == ("00", TRACE, "00")
    assert span != SPAN
    assert headers["tracestate"] == "vendor=1"


@pytest.mark.parametrize("state", ["v=ü", "v=1\r\nX-Own: 1", "v=\x00", "v=\x7f", "v=" + "1" * 511])
def test_a_state_that_no_header_can_carry_on_is_left_out(state: str) -> None:
    assert tracing.parse(f"00-{TRACE}-{SPAN}-01", state) == tracing.TraceContext(TRACE, SPAN, "01")


@pytest.mark.parametrize("state", ["a=1,b=2", "a=1,\tb=2", "v=" + "1" * 510])
def test_a_state_is_passed_on_as_it_came(state: str) -> None:
    context = tracing.parse(f"00-{TRACE}-{SPAN}-01", f" {state} ")
    assert context is not None
    assert context.state == state


@given(st.text(), st.text())
def test_what_a_request_says_is_always_a_header_of_its_calls(parent: str, state: str) -> None:
    for first in (parent, f"00-{TRACE}-{SPAN}-01"):
        token = tracing.incoming.set(tracing.parse(first, state))
        try:
            httpx.Headers(tracing.outgoing_headers())
        finally:
            tracing.incoming.reset(token)


@pytest.mark.parametrize("baggage", ["ü=1", "a\r\nX-Own: 1=1"])
def test_what_opentelemetry_cannot_carry_on_is_left_out(monkeypatch: pytest.MonkeyPatch, baggage: str) -> None:
    """Its baggage propagator decodes the keys that came, and sends them as they are then."""
    sent = {"traceparent": f"00-{TRACE}-{SPAN}-01", "tracestate": "v=1"}
    propagate = SimpleNamespace(inject=lambda carrier: carrier.update(sent, baggage=baggage))
    monkeypatch.setitem(sys.modules, "opentelemetry", SimpleNamespace(propagate=propagate))
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", SimpleNamespace())
    assert dict(tracing.outgoing_headers()) == sent


def test_without_a_request_every_call_is_a_trace_of_its_own() -> None:
    first, second = (tracing.parse(dict(tracing.outgoing_headers())["traceparent"]) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.trace_id != second.trace_id
