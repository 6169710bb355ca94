"""Gives the process of an app two properties of a container.

The app has its declared port for itself, even if other apps declare the same one: BIND_VARIABLE says `declared:real`,
and a program that binds the declared port gets the real one, on the loopback. And a SIGTERM that the first process
sends to itself does not end it.

The changes do not reach programs in other languages, Python without `site`, and listeners that use neither Python's
sockets nor uvloop. A network namespace for each app would let this module go; that takes privileges.
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
# For a socket that takes IPv4 too: the proxy connects by IPv4.
_LOOPBACK_OF_BOTH = "::ffff:127.0.0.1"
_WILDCARDS = {"": _LOOPBACK, "0.0.0.0": _LOOPBACK, "::": _LOOPBACK_6}
_SELF = (*_WILDCARDS, "localhost", _LOOPBACK, _LOOPBACK_6, _LOOPBACK_OF_BOTH)


def changes(environ: Mapping[str, str]) -> dict[str, Callable[[Any], None]]:
    """Return the change for each module name. It is empty in a process that is not an app's."""
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
        """Change Python's sockets, which asyncio, http.server, Tornado (Streamlit) and Werkzeug (Flask) use."""
        kind = module.socket
        bind, connect, connect_ex = kind.bind, kind.connect, kind.connect_ex

        def tcp(socket: Any) -> bool:
            return socket.family in (module.AF_INET, module.AF_INET6) and bool(socket.type & module.SOCK_STREAM)

        def bind_real(socket: Any, address: Any, /) -> None:
            if not (tcp(socket) and self.is_own(address)):
                return bind(socket, address)  # type: ignore[no-any-return]
            self.taken = self.taken or address[1] == self.declared
            host, flow_and_scope = address[0], address[2:]
            real = _WILDCARDS.get(host, host)
            if socket.family == module.AF_INET6 and host in ("", "::"):
                alone = socket.getsockopt(module.IPPROTO_IPV6, module.IPV6_V6ONLY)
                real = _LOOPBACK_6 if alone else _LOOPBACK_OF_BOTH
            try:
                return bind(socket, (real, self.real, *flow_and_scope))  # type: ignore[no-any-return]
            except OSError as error:
                # asyncio binds every family of a wildcard, even if IPv6 is turned off and ::1 is not an address.
                if error.errno != EADDRNOTAVAIL or real == host:
                    raise
            return bind(socket, (host, self.real, *flow_and_scope))  # type: ignore[no-any-return]

        def connect_real(socket: Any, address: Any, /) -> None:
            connect(socket, self.reached(address) if tcp(socket) else address)

        def connect_ex_real(socket: Any, address: Any, /) -> int:
            return int(connect_ex(socket, self.reached(address) if tcp(socket) else address))

        kind.bind, kind.connect, kind.connect_ex = bind_real, connect_real, connect_ex_real

    def change_uvloop(self, module: Any) -> None:
        """Change the arguments of uvloop's loops: uvloop binds in C."""
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
        """Return whether an address to bind is the app's. An app that reads PORT is limited to the loopback too."""
        return isinstance(address, tuple) and len(address) > 1 and address[1] in (self.declared, self.real)

    def reached(self, address: Any) -> Any:
        """Return the address to connect to. A process that bound the declared port reaches itself there."""
        if self.taken and isinstance(address, tuple) and address[0] in _SELF and address[1] == self.declared:
            return (address[0], self.real, *address[2:])
        return address


def outlive_own_sigterm(module: Any) -> None:
    """Make the first process ignore a SIGTERM that it sends to itself and does not handle.

    Linux does so for a container's first process (pid_namespaces(7)). uvicorn raises SIGTERM once more after its
    shutdown, and Flyte's `fserve` runs `on_shutdown` after that. The first process of an app leads its session. A
    SIGTERM from outside still ends a program that does not handle it.
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
