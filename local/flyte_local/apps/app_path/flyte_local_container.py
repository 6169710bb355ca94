"""What a container gives to an app and a plain process does not: the declared port for itself alone, whatever others
declare, and a SIGTERM that its first process need not die of.

BIND_VARIABLE says `declared:real`. A program that binds the declared port gets the real one, on the loopback: apps are
reached through the proxy. Out of reach are programs in other languages, Python without `site`, and listeners that use
neither Python's sockets nor uvloop.
"""

from __future__ import annotations

import os
from errno import EADDRNOTAVAIL

TYPE_CHECKING = False  # typing itself is most of what a start would cost
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

BIND_VARIABLE = "FLYTE_LOCAL_BIND"
_LOOPBACK, _LOOPBACK_6 = "127.0.0.1", "::1"
# For a socket that takes IPv4 too: it has to be reached where the proxy asks.
_LOOPBACK_OF_BOTH = "::ffff:127.0.0.1"
_WILDCARDS = {"": _LOOPBACK, "0.0.0.0": _LOOPBACK, "::": _LOOPBACK_6}
_SELF = (*_WILDCARDS, "localhost", _LOOPBACK, _LOOPBACK_6, _LOOPBACK_OF_BOTH)


def changes(environ: Mapping[str, str]) -> dict[str, Callable[[Any], None]]:
    """How which module is to be changed; nothing in a process that is no app's."""
    declared, _, real = environ.get(BIND_VARIABLE, "").partition(":")
    if not (declared.isdigit() and real.isdigit()):
        return {}
    port = Port(int(declared), int(real))
    return {"socket": port.change_socket, "uvloop": port.change_uvloop, "signal": outlive_own_sigterm}


class Port:
    """The port that an app declares and the one it has instead."""

    def __init__(self, declared: int, real: int) -> None:
        self.declared = declared
        self.real = real
        self.taken = False

    def change_socket(self, module: Any) -> None:
        """Python's sockets, and so asyncio, http.server, Tornado (Streamlit), Werkzeug (Flask) …"""
        kind = module.socket
        bind, connect, connect_ex = kind.bind, kind.connect, kind.connect_ex

        def tcp(socket: Any) -> bool:
            return socket.family in (module.AF_INET, module.AF_INET6) and bool(socket.type & module.SOCK_STREAM)

        def bind_real(socket: Any, address: Any, /) -> None:
            if not (tcp(socket) and self.is_own(address)):
                return bind(socket, address)  # type: ignore[no-any-return]
            self.taken = self.taken or address[1] == self.declared
            host, rest = address[0], address[2:]
            real = _WILDCARDS.get(host, host)
            if socket.family == module.AF_INET6 and host in ("", "::"):
                alone = socket.getsockopt(module.IPPROTO_IPV6, module.IPV6_V6ONLY)
                real = _LOOPBACK_6 if alone else _LOOPBACK_OF_BOTH
            try:
                return bind(socket, (real, self.real, *rest))  # type: ignore[no-any-return]
            except OSError as error:
                # asyncio asks for every family of a wildcard, also where IPv6 is turned off and ::1 no address.
                if error.errno != EADDRNOTAVAIL or real == host:
                    raise
            return bind(socket, (host, self.real, *rest))  # type: ignore[no-any-return]

        def connect_real(socket: Any, address: Any, /) -> None:
            connect(socket, self.reached(address) if tcp(socket) else address)

        def connect_ex_real(socket: Any, address: Any, /) -> int:
            return int(connect_ex(socket, self.reached(address) if tcp(socket) else address))

        kind.bind, kind.connect, kind.connect_ex = bind_real, connect_real, connect_ex_real

    def change_uvloop(self, module: Any) -> None:
        """uvloop binds in C: what its loops are asked for is changed."""
        kind = module.Loop
        create_server, create_connection = kind.create_server, kind.create_connection

        async def create_server_real(loop: Any, factory: Any, host: Any = None, port: Any = None, **more: Any) -> Any:
            if self.is_own((host, port)):
                self.taken = self.taken or port == self.declared
                hosts = [host or ""] if host is None or isinstance(host, str) else host
                host, port = list({_WILDCARDS.get(each, each): None for each in hosts}), self.real
            return await create_server(loop, factory, host, port, **more)

        async def create_connection_real(
            loop: Any, factory: Any, host: Any = None, port: Any = None, **more: Any
        ) -> Any:
            if port is not None:
                host, port = self.reached((host, port))
            return await create_connection(loop, factory, host, port, **more)

        kind.create_server, kind.create_connection = create_server_real, create_connection_real

    def is_own(self, address: Any) -> bool:
        """Whether an address to bind is the app's. One that reads PORT is held to the loopback like any other."""
        return isinstance(address, tuple) and len(address) > 1 and address[1] in (self.declared, self.real)

    def reached(self, address: Any) -> Any:
        """Where a connection goes: a process that has bound the declared port finds itself there."""
        if self.taken and isinstance(address, tuple) and address[0] in _SELF and address[1] == self.declared:
            return (address[0], self.real, *address[2:])
        return address


def outlive_own_sigterm(module: Any) -> None:
    """Linux ignores a SIGTERM without a handler for a container's first process (pid_namespaces(7)).

    uvicorn raises it once more after it has shut down, and Flyte's `fserve` runs `on_shutdown` after that. An app's
    first process leads its session. A SIGTERM from outside still ends a program that does not handle it, at once.
    """
    raise_signal = module.raise_signal

    def raise_signal_unless_first(signalnum: int, /) -> None:
        if (
            signalnum == module.SIGTERM
            and os.getpid() == os.getsid(0)
            and module.getsignal(signalnum) == module.SIG_DFL
        ):
            return
        raise_signal(signalnum)

    module.raise_signal = raise_signal_unless_first
