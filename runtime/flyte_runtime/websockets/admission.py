"""The check of a handshake's origin. Pure.

Browsers let every page open WebSockets to every host, with the cookies of that host. They send `Origin` with every
handshake, and pages cannot change it (RFC 6455 §10.2).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

__all__ = ["ANY_ORIGIN", "Refusal", "origin_refusal"]

ANY_ORIGIN = "*"
_DEFAULT_PORTS = (":80", ":443")

Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Refusal:
    """A refusal of a client: an HTTP status for its handshake, or a close code if the connection is already open."""

    status: int
    code: int
    reason: str


def origin_refusal(headers: Headers, allowed: Collection[str] | Literal["*"] | None) -> Refusal | None:
    """Return the refusal of a page's connection, or None if the page may connect.

    A page may connect if it comes from the same host, or from one of the origins `allowed` (`https://app.example`). A
    client without an Origin is not a page, so it may connect. A proxy that changes Host sends the original one in
    X-Forwarded-Host.
    """
    if allowed == ANY_ORIGIN:
        return None
    origins = [value.decode("latin-1") for name, value in headers if name == b"origin"]
    if not origins:
        return None
    origin = origins[0].lower()
    if len(origins) == 1 and (origin in {each.lower().rstrip("/") for each in allowed or ()}):
        return None
    hosts = {value.decode("latin-1").lower() for name, value in headers if name in (b"host", b"x-forwarded-host")}
    if len(origins) == 1 and _host(origin) in {_without_default_port(host) for host in hosts}:
        return None
    return Refusal(403, 1008, "pages of this origin may not connect: see origins= of Rooms")


def _host(origin: str) -> str | None:
    """Return the host of an origin: `https://a.example:443` → `a.example`. Return None for others, such as `null`."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or "@" in parts.netloc:
        return None
    return _without_default_port(parts.netloc)


def _without_default_port(host: str) -> str:
    for port in _DEFAULT_PORTS:
        host = host.removesuffix(port)
    return host
