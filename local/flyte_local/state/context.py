"""What every service of one running server shares, handed to each service's constructor."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, TypeVar, cast, runtime_checkable

from flyte_local.home import Home
from flyte_local.state.store import Store

ORGANIZATION = "local"
_T = TypeVar("_T")


@dataclass
class Context:
    """One running server: its home, its port, its store, the Python that runs what names none."""

    home: Home
    port: int
    store: Store
    python: str = sys.executable
    _registry: dict[type, object] = field(default_factory=dict, repr=False)

    @cached_property
    def instance_id(self) -> str:
        """The id of the home that this server was started with; the folder may have been replaced since."""
        return self.home.instance_id()

    @property
    def url(self) -> str:
        """The server's base URL, as processes on this machine reach it."""
        return f"http://127.0.0.1:{self.port}"

    def register(self, service: object) -> None:
        """Makes the one object of its class findable by the other services."""
        self._registry[type(service)] = service

    def find(self, kind: type[_T]) -> _T:
        """The registered object of exactly this class. Raises LookupError where none was registered."""
        if kind not in self._registry:
            raise LookupError(f"no {kind.__name__} is registered with this server")
        return cast(_T, self._registry[kind])


@runtime_checkable
class Service(Protocol):
    """A service with background work. The server calls `start` once the port is bound and `stop` before it ends."""

    async def start(self) -> None:
        """Begins the background work and returns."""

    async def stop(self) -> None:
        """Ends it; idempotent."""
