"""The sockets that a server will listen on, bound before the application starts: a taken port is known in time."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Iterable
from errno import EADDRNOTAVAIL, EAFNOSUPPORT

from flyte_runtime.errors import ServeError

__all__ = ["bind", "cannot_listen", "has_pending", "url_of"]

# A name such as `localhost` may stand for IPv6 as well, on a machine that has none.
_NOT_HERE = {EADDRNOTAVAIL, EAFNOSUPPORT}


def bind(host: str, port: int) -> list[socket.socket]:
    """One socket for each address of `host`. None listens yet: who connects is refused.

    Raises ServeError where the port is taken or the host is none of this machine's.
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
        for taken in bound:
            taken.close()
        raise cannot_listen(host, port, error) from error
    return bound


def cannot_listen(host: str, port: int, error: OSError) -> ServeError:
    """The error for `error`, of an attempt to listen there."""
    return ServeError(f"nothing can be served on port {port} of host {host!r}: {error.strerror or error}")


def has_pending(listeners: Iterable[socket.socket]) -> bool:
    """Check whether the kernel has taken connections that the server has not: it resets them when listening ends."""
    return bool(select.select([each for each in listeners if each.fileno() >= 0], [], [], 0)[0])


def url_of(listener: socket.socket) -> str:
    """For people."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _bound(family: int, kind: int, protocol: int, address: tuple[object, ...]) -> socket.socket:
    made = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere it would let two servers have one port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made
