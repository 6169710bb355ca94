"""The sockets that a server listens on. They are bound before the application starts, so a taken port fails early."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Iterable
from errno import EADDRNOTAVAIL, EAFNOSUPPORT

from flyte_runtime.errors import ServeError

__all__ = ["bind", "cannot_listen", "has_pending", "url_of"]

# A name such as `localhost` may resolve to an IPv6 address on a machine without IPv6.
_NOT_HERE = {EADDRNOTAVAIL, EAFNOSUPPORT}


def bind(host: str, port: int) -> list[socket.socket]:
    """Return a bound socket for each address of `host`. They do not listen yet, so connections are refused.

    Raises ServeError if the port is taken or this machine does not have the address.
    """
    bound: list[socket.socket] = []
    missing: OSError | None = None
    try:
        for family, kind, protocol, _, address in dict.fromkeys(
            socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        ):
            try:
                bound.append(_bound(family, kind, protocol, address))
            except OSError as error:
                if error.errno not in _NOT_HERE:
                    raise
                missing = error
        if not bound and missing is not None:
            raise missing
    except OSError as error:
        for listener in bound:
            listener.close()
        raise cannot_listen(host, port, error) from error
    return bound


def cannot_listen(host: str, port: int, error: OSError) -> ServeError:
    """Return the ServeError for a failed attempt to listen on this address."""
    return ServeError(f"nothing can be served on port {port} of host {host!r}: {error.strerror or error}")


def has_pending(listeners: Iterable[socket.socket]) -> bool:
    """Check for connections that the kernel has accepted and the server has not. Closing the listener resets them."""
    return bool(select.select([each for each in listeners if each.fileno() >= 0], [], [], 0)[0])


def url_of(listener: socket.socket) -> str:
    """Return the URL of a listening socket, for log lines."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _bound(family: int, kind: int, protocol: int, address: tuple[object, ...]) -> socket.socket:
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # on Windows, two servers could then bind the same port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener
