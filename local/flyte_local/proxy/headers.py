"""The headers of requests and responses on their way through the proxy.

Hop-by-hop headers (RFC 9110 §7.6.1) are removed. Everything else is passed on unchanged, including duplicates.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.types import Scope

from flyte_local.processes.ports import LOOPBACK
from flyte_local.web.asgi import Header, header
from flyte_local.web.upgrade import ASKED_FOR, offer

_HOP_HEADERS = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te",
     b"trailer", b"transfer-encoding", b"upgrade", b"expect"}
)  # fmt: skip
_REPLACED = frozenset({b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-prefix"})
_NOT_PASSED_ON = _HOP_HEADERS | _REPLACED


def request_headers(scope: Scope, prefix: str) -> list[Header]:
    """Return the headers that the app gets: the client's, and those that describe the way through the proxy."""
    headers = scope["headers"]
    dropped = _NOT_PASSED_ON | _named_by_connection(headers)
    passed = [pair for pair in headers if pair[0] not in dropped]
    if offer(scope) is not None:
        passed += ASKED_FOR
    client = scope.get("client")
    passed.append((b"x-forwarded-for", (client[0] if client else LOOPBACK).encode("latin-1")))
    passed.append((b"x-forwarded-proto", b"http"))
    host = next((value for name, value in headers if name == b"host"), None)
    if host:
        passed.append((b"x-forwarded-host", host))
    if prefix:
        passed.append((b"x-forwarded-prefix", prefix.encode("latin-1")))
    return passed


def response_headers(raw: Iterable[Header], prefix: str, scope: Scope) -> list[Header]:
    """Return the headers that the client gets, with names in lower case."""
    headers = [(name.lower(), value) for name, value in raw]
    dropped = _HOP_HEADERS | _named_by_connection(headers)
    host = header(scope, b"host") or ""
    return [
        (name, _below(prefix, host, value) if prefix and name == b"location" else value)
        for name, value in headers
        if name not in dropped
    ]


def _below(prefix: str, host: str, location: bytes) -> bytes:
    """Return a redirect below the prefix, for an app that does not know its prefix. Other redirects stay."""
    try:
        parts = urlsplit(location.decode("latin-1"))
    except ValueError:
        return location
    same_host = not parts.netloc or parts.netloc == host
    if not same_host or not parts.path.startswith("/") or parts.path.startswith("/apps/"):
        return location
    return parts._replace(path=prefix + parts.path).geturl().encode("latin-1")


def _named_by_connection(headers: list[Header]) -> set[bytes]:
    """Return further hop-by-hop headers, which the Connection header names."""
    values = (value for name, value in headers if name == b"connection")
    return {part.strip().lower() for value in values for part in value.split(b",")}
