"""Finds the user at the other end of a loopback connection.

Linux answers that over netlink (sock_diag(7)), for one connection at a time, without privileges and without walking the
table of all sockets. Other systems answer only root.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable

Address = tuple[str, int | None]
SHARED_VARIABLE = "FLYTE_LOCAL_SHARED"

_SOCK_DIAG = 4
_BY_FAMILY = 20
_REQUEST = 1
_ANY = 0xFFFFFFFF
_ROOT = 0
_HEADER = struct.Struct("=IHHII")
_ASK = struct.Struct("=BBBBI")
_ENDS = struct.Struct("!HH16s16s")
_REST = struct.Struct("=III")
_FOUND = struct.Struct("=4s48sIIIII")


def peer_uid(peer: Address, server: Address) -> int | None:
    """Return the user whose process holds the socket `peer` that is connected to `server` (both IPv4).

    Return None if no process holds the socket any more: Linux reports such a socket as root's.
    Raises OSError if this system does not answer.
    """
    ends = _ENDS.pack(peer[1], server[1], socket.inet_aton(peer[0]), socket.inet_aton(server[0]))
    ask = _ASK.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, 0, _ANY) + ends + _REST.pack(0, _ANY, _ANY)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _SOCK_DIAG) as diagnosis:
        # The kernel answers within the call. The limit is for kernels that do not know the request.
        diagnosis.settimeout(1.0)
        diagnosis.send(_HEADER.pack(_HEADER.size + len(ask), _BY_FAMILY, _REQUEST, 0, 0) + ask)
        answer = diagnosis.recv(4096)
    if _HEADER.unpack_from(answer)[1] != _BY_FAMILY:
        return None
    _, _, _, _, _, uid, inode = _FOUND.unpack_from(answer, _HEADER.size)
    return uid if inode else None


def own_user_only() -> Callable[[Address, Address], bool] | None:
    """Return the decision whether a peer may use this server: its own user and root may.

    Return None if this system cannot tell users apart.
    """
    if not _can_tell():
        return None
    allowed = {os.geteuid(), _ROOT}

    def may_use(peer: Address, server: Address) -> bool:
        try:
            return peer_uid(peer, server) in allowed
        except OSError:
            return False

    return may_use


def is_shared() -> bool:
    """Return whether a server that is started here serves every user of the machine."""
    return os.environ.get(SHARED_VARIABLE) == "1"


def _can_tell() -> bool:
    """Try it on a connection of this process: kernels, containers and sandboxes differ."""
    if not hasattr(socket, "AF_NETLINK"):
        return False
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, peer = server.accept()
        with accepted:
            try:
                return peer_uid(peer, client.getpeername()) == os.geteuid()
            except OSError:
                return False
