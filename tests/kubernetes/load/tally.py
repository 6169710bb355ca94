"""Counts of what callers saw."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Requests and WebSockets of one run. `failures` and `closes` count by kind; `gaps` are numbers out of order."""

    requests: int = 0
    connections: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    numbers: int = 0
    closes: Counter[str] = field(default_factory=Counter)
    socket_failures: Counter[str] = field(default_factory=Counter)
    gaps: int = 0

    @property
    def failed(self) -> int:
        """The requests without an answer of 200."""
        return self.failures.total()

    def words(self) -> str:
        """Return one line for people."""
        parts = [f"{self.requests:,} requests, {self.failed:,} failed{_listed(self.failures)}"]
        parts.append(f"{self.connections:,} connections")
        parts.append(f"{self.numbers:,} WebSocket messages, {self.gaps} gaps, closes{_listed(self.closes) or ' none'}")
        parts.append(f"WebSocket failures {self.socket_failures.total()}{_listed(self.socket_failures)}")
        return "; ".join(parts)


def _listed(counts: Counter[str]) -> str:
    return f" ({', '.join(f'{name}: {count}' for name, count in sorted(counts.items()))})" if counts else ""
