"""The limits of a call: its time and its number of attempts."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["Policy"]


@dataclass(frozen=True)
class Policy:
    """The limits of a call. Times are in seconds. The defaults are for an edge that declares no limits.

    connect: the time to open a connection.
    read: the longest pause within a response.
    total: the time for all attempts and pauses together. Flyte limits requests to apps to 300.
    retries: the number of further attempts after the first.
    base_delay, max_delay: bounds of the random pause before each further attempt.
    """

    connect: float = 5.0
    read: float = 60.0
    total: float = 300.0
    retries: int = 3
    base_delay: float = 0.1
    max_delay: float = 5.0

    def with_edge(self, timeout: float | None, retries: int | None) -> Policy:
        """Return this policy with the limits of an edge or a call. `timeout` limits the total and each pause."""
        changed = self
        if timeout is not None:
            changed = replace(changed, total=timeout, read=timeout, connect=min(changed.connect, timeout))
        if retries is not None:
            changed = replace(changed, retries=retries)
        return changed
