"""The identities that a run's resources claim. The plugin sees direct and remote components alike, so it alone can tell
that two resources of a program declare one object."""

from __future__ import annotations

import threading


class Claims:
    """First come, first served: an identity belongs to the resource that was checked first."""

    def __init__(self) -> None:
        self._holders: dict[tuple[str, str], tuple[str, str]] = {}
        self._lock = threading.Lock()

    def claim(self, token: str, identity: str, urn: str, description: str) -> str | None:
        """Return the description of another resource that has the identity; None if it is free or ours."""
        with self._lock:
            holder, text = self._holders.setdefault((token, identity), (urn, description))
        return None if holder == urn else text

    def holder(self, token: str, identity: str) -> str | None:
        """Return the URN of the resource that claimed the identity."""
        with self._lock:
            claim = self._holders.get((token, identity))
        return None if claim is None else claim[0]

    def declares(self, urn: str) -> bool:
        """Return whether this run has checked the resource: the program still declares it."""
        with self._lock:
            return any(holder == urn for holder, _ in self._holders.values())
