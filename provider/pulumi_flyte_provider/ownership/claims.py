"""The identities that the resources of a run claim. Only the plugin sees the resources of all components, in Python and
in other languages, so it checks that no two resources declare the same object."""

from __future__ import annotations

import threading


class Claims:
    """The claimed identities. An identity belongs to the resource that was checked first."""

    def __init__(self) -> None:
        self._holders: dict[tuple[str, str], tuple[str, str]] = {}
        self._lock = threading.Lock()

    def claim(self, token: str, identity: str, urn: str, description: str) -> str | None:
        """Claim an identity. Return None, or the description of the other resource that has it."""
        with self._lock:
            holder, text = self._holders.setdefault((token, identity), (urn, description))
        return None if holder == urn else text

    def holder(self, token: str, identity: str) -> str | None:
        """Return the URN of the resource that claimed the identity."""
        with self._lock:
            claim = self._holders.get((token, identity))
        return None if claim is None else claim[0]

    def declares(self, urn: str) -> bool:
        """Check whether the program declares the resource, which means that this run has checked it."""
        with self._lock:
            return any(holder == urn for holder, _ in self._holders.values())
