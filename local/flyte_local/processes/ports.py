"""Ports of apps. Every app declares the same port (8080, mostly), so each process gets a free one.

It is told the port in every way that it might listen to: `PORT`, Flyte's own hook for host execution, and the arguments
that spell the declared port. A Python program that listens to none of them gets the free port when it binds the
declared one (apps/app_path/).
"""

from __future__ import annotations

import random
import re
import socket
from collections.abc import Iterable, Sequence

import psutil

from flyte_local.errors import InvalidAppError

LOOPBACK = "127.0.0.1"
_OPTION = re.compile(r"(--?(?:[A-Za-z][-.\w]*)?port|-p|--bind|--listen|--address)=(?P<host>.*:)?(?P<port>\d+)")
_ANY_HOST = re.compile(r"(0\.0\.0\.0|127\.0\.0\.1|localhost|\[::\]|\[::1\]|\*|):(?P<port>\d+)")


# Below what Linux (32768 on) and macOS (49152 on) give to outgoing connections: seconds pass until an app that was told
# a port listens there, and by then a connection might have taken one of those.
_RANGE = range(20000, 32768)
_ATTEMPTS = 1000


def free_port() -> int:
    """Return a port on which nothing listens right now, and which nothing takes by accident."""
    for port in random.sample(_RANGE, _ATTEMPTS):
        if can_bind(port):
            return port
    raise InvalidAppError(f"no free port between {_RANGE.start} and {_RANGE.stop - 1}: stop something")


def can_bind(port: int) -> bool:
    """Return whether a server could listen on the port right now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def is_listening(port: int) -> bool:
    """Return whether something accepts connections on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOOPBACK, port)) == 0


def rewrite_port(argv: Iterable[str], declared: int, real: int) -> list[str]:
    """Replace the declared port in the arguments that are a port: `8080`, `--port=8080`, `0.0.0.0:8080`.

    A URL or another service's `host:8080` stays: only an address to bind is rewritten.
    """
    return [_rewrite(token, str(declared), str(real)) for token in argv]


def _rewrite(token: str, declared: str, real: str) -> str:
    if token == declared:
        return real
    if len(token) > 2 and token[0] == token[-1] == "'":  # quoted for a shell
        return f"'{_rewrite(token[1:-1], declared, real)}'"
    match = _OPTION.fullmatch(token) or _ANY_HOST.fullmatch(token)
    if match and match["port"] == declared:
        return token[: match.start("port")] + real
    return token


def laments_port(line: str) -> bool:
    """Return whether a log line says that a port is taken. The system says so, and Streamlit, which exits with 0."""
    return bool(re.search(r"\b(address|port)\b.*\b(in use|not available)\b", line, re.IGNORECASE))


def listening(pids: Sequence[int]) -> set[int]:
    """Return the TCP ports that the processes listen on."""
    ports: set[int] = set()
    for pid in pids:
        try:
            connections = psutil.Process(pid).net_connections(kind="tcp")
        except psutil.Error:
            continue
        ports |= {c.laddr.port for c in connections if c.status == psutil.CONN_LISTEN and c.laddr}
    return ports


def listener(port: int) -> tuple[int, str] | None:
    """Return the process (pid and command) that listens on the port. None if this user may not see it."""
    for process in psutil.process_iter():
        try:
            if port in listening([process.pid]):
                return process.pid, " ".join(process.cmdline())[:120] or process.name()
        except psutil.Error:
            continue
    return None


def port_taken(port: int) -> str:
    """Return the sentence that names the owner of the port."""
    owner = listener(port)
    who = f"pid {owner[0]} ({owner[1]})" if owner else "a process of another user"
    return f"port {port} is taken by {who}: stop it, or choose another with --port (flyte:localPort in Pulumi)"
