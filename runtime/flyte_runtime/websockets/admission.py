"""Who may connect: decisions before the handshake is answered. Pure.

Facts: browsers send `Origin` with every WebSocket handshake and let no page change it (RFC 6455 §10.2), and they
let every page open WebSockets to every host, with that host's cookies.
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
    """The answer to a handshake: an HTTP status, or the closing code where the connection is open already."""

    status: int
    code: int
    reason: str


def origin_refusal(headers: Headers, allowed: Collection[str] | Literal["*"] | None) -> Refusal | None:
    """Why a page's connection is refused; None where it may connect.

    A page may connect to the host that it came from, and from the origins `allowed` (`https://app.example`).
    What sends no Origin is no page. A proxy that changes Host says the first one in X-Forwarded-Host.
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
    """`https://a.example:443` → `a.example`; None for what is no origin, such as `null`."""
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
