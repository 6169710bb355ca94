"""Ports for the servers that tests start.

A test chooses a port long before its server listens there. Meanwhile other tests choose ports, and so do the apps of
other servers. Tests therefore take ports from a range of their own, one after another, whichever process they run in.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path

from flyte_local.processes.ports import can_bind

# Apps have the ports from 20000 on (flyte_local.processes.ports), and outgoing connections those above.
_RANGE = range(10000, 20000)


def free_port() -> int:
    """Return a port on which nothing listens, and which thousands of later calls on this machine do not return."""
    with Path(tempfile.gettempdir(), f"pulumi-flyte-test-ports-{os.getuid()}").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        last = int(file.read() or _RANGE.start)
        port = next(port for port in (*range(last + 1, _RANGE.stop), *_RANGE) if can_bind(port))
        file.truncate(0)
        file.write(str(port))
    return port
