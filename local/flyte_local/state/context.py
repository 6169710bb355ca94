"""The facts about one running server that its rooms share."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from flyte_local.home import Home
from flyte_local.state.store import Store

ORGANIZATION = "local"


@dataclass
class Context:
    """One running server: its home, its port, its store, and the Python of workloads that name none."""

    home: Home
    port: int
    store: Store
    python: str = sys.executable

    @cached_property
    def instance_id(self) -> str:
        """The id of the home that this server was started with; the folder may have been replaced since."""
        return self.home.instance_id()

    @property
    def url(self) -> str:
        """The server's base URL, as processes on this machine reach it."""
        return f"http://127.0.0.1:{self.port}"


class BackgroundService(Protocol):
    """Work in the background. The server calls `start` once the port is bound and `stop` before it ends."""

    async def start(self) -> None:
        """Begin the work and return."""

    async def stop(self) -> None:
        """End the work. A second call does nothing."""
