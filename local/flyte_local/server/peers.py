"""Which user of this machine is at the other end of a loopback connection.

Linux answers that for one connection at a time over netlink (sock_diag(7)), without privileges and without walking the
table of all sockets. Other systems tell nobody but root.
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


def peer_uid(peer: Address, own: Address) -> int | None:
    """The user whose process holds the socket `peer` that is connected to `own` (both IPv4).

    None where no process holds it any more: Linux reports such a socket as root's.
    Raises OSError where this system does not answer.
    """
    ends = _ENDS.pack(peer[1], own[1], socket.inet_aton(peer[0]), socket.inet_aton(own[0]))
    ask = _ASK.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, 0, _ANY) + ends + _REST.pack(0, _ANY, _ANY)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _SOCK_DIAG) as diagnosis:
        # Answered by the kernel within the call; the limit is for one that does not know the question.
        diagnosis.settimeout(1.0)
        diagnosis.send(_HEADER.pack(_HEADER.size + len(ask), _BY_FAMILY, _REQUEST, 0, 0) + ask)
        answer = diagnosis.recv(4096)
    if _HEADER.unpack_from(answer)[1] != _BY_FAMILY:
        return None
    _, _, _, _, _, uid, inode = _FOUND.unpack_from(answer, _HEADER.size)
    return uid if inode else None


def own_user_only() -> Callable[[Address, Address], bool] | None:
    """The decision whether a peer may use this server: its own user and root. None where none can be told apart."""
    if not _can_tell():
        return None
    allowed = {os.geteuid(), _ROOT}

    def may_use(peer: Address, own: Address) -> bool:
        try:
            return peer_uid(peer, own) in allowed
        except OSError:
            return False

    return may_use


def is_shared() -> bool:
    """Whether whoever starts a server here means it for every user of the machine."""
    return os.environ.get(SHARED_VARIABLE) == "1"


def _can_tell() -> bool:
    """Tries it on a connection of its own: kernels, containers and sandboxes differ."""
    if not hasattr(socket, "AF_NETLINK"):
        return False
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, peer = server.accept()
        with accepted:
            try:
                return peer_uid(peer, client.getpeername()) == os.geteuid()
            except OSError:
                return False
