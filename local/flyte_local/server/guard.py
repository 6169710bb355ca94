"""Decides which programs and pages may use the server.

A loopback port is open to every web page that the person visits. The Host header stops DNS rebinding, where the name of
a page suddenly resolves to 127.0.0.1. The Origin header stops changes by pages of other sites.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.types import Scope

from flyte_local.web.asgi import header

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


def host_of(scope: Scope, port: int) -> str | None:
    """Return the request's host name in lower case.

    Return None if the name is not one of this server's, or if the port is another one.
    """
    return _server_host(header(scope, b"host") or "", port)


def app_label(host: str) -> str | None:
    """Return the app's label in `<label>.localhost`; None for the server's own names."""
    label = host.removesuffix(".localhost")
    return label if label != host else None


def is_foreign(scope: Scope, port: int) -> bool:
    """Return whether a page of another site sent the request."""
    origin = header(scope, b"origin")
    if origin is None:
        return header(scope, b"sec-fetch-site") == "cross-site" and not _follows_link(scope)
    try:
        parts = urlsplit(origin)
    except ValueError:
        return True
    host = _server_host(parts.netloc, port) if parts.scheme in ("http", "https") else None
    return host is None or app_label(host) is not None


def _follows_link(scope: Scope) -> bool:
    """Return whether a person follows a link from another site. The page of that site cannot read the answer."""
    return scope.get("method") == "GET" and (
        (header(scope, b"sec-fetch-mode"), header(scope, b"sec-fetch-dest")) == ("navigate", "document")
    )


def _server_host(authority: str, port: int) -> str | None:
    host, _, port_text = authority.lower().rpartition(":")
    if port_text != str(port):
        return None
    host = host.rstrip(".")
    if host in ("127.0.0.1", "localhost", "[::1]"):
        return host
    label = app_label(host)
    return host if label is not None and _LABEL.fullmatch(label) else None
