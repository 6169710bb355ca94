"""Who declares what in this run. The plugin is the one place that sees direct and remote components alike."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass
class Claims:
    """First come, first served: an identity belongs to the resource that was checked first."""

    _claims: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    _deployed: set[tuple[str, str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def claim(self, kind: str, identity: str, urn: str, description: str) -> str | None:
        """The description of another resource that claimed the identity already; None where it is free or ours."""
        with self._lock:
            holder, text = self._claims.setdefault((kind, identity), (urn, description))
        return None if holder == urn else text

    def holder(self, kind: str, identity: str) -> str | None:
        """Return the URN of the resource that claimed the identity."""
        with self._lock:
            claim = self._claims.get((kind, identity))
        return None if claim is None else claim[0]

    def declares(self, urn: str) -> bool:
        """Return whether this run has checked the resource: the program still declares it."""
        with self._lock:
            return any(holder == urn for holder, _ in self._claims.values())

    def deploy(self, kind: str, identity: str) -> None:
        """Record what this run deploys, or would deploy where it is a preview."""
        with self._lock:
            self._deployed.add((kind, identity))

    def is_deployed(self, kind: str, identity: str) -> bool:
        """Return whether this run deploys it."""
        with self._lock:
            return (kind, identity) in self._deployed
