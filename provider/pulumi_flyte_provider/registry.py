"""Who declares what in this run. The plugin is the one place that sees direct and remote components alike."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass
class Registry:
    """First come, first served: an identity belongs to the resource that was checked first."""

    _claims: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def claim(self, kind: str, identity: str, urn: str, description: str) -> str | None:
        """The description of another resource that claimed the identity already; None where it is free or ours."""
        with self._lock:
            holder, text = self._claims.setdefault((kind, identity), (urn, description))
        return None if holder == urn else text
