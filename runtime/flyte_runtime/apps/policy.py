"""How long a call may take and how often it may be tried: one value, printable and comparable."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["Policy"]


@dataclass(frozen=True)
class Policy:
    """Times are seconds. The defaults hold for an edge that declares nothing.

    connect: until a connection stands. read: the longest silence while a response comes.
    total: everything, all attempts and pauses included; 300 is Flyte's own request limit for apps.
    retries: further attempts after the first. base_delay, max_delay: bounds of the jittered pause before each.
    """

    connect: float = 5.0
    read: float = 60.0
    total: float = 300.0
    retries: int = 3
    base_delay: float = 0.1
    max_delay: float = 5.0

    def with_edge(self, timeout: float | None, retries: int | None) -> Policy:
        """This policy with what an edge or a call says: `timeout` is the total, and the only, limit of its own."""
        changed = self
        if timeout is not None:
            changed = replace(changed, total=timeout, read=timeout, connect=min(changed.connect, timeout))
        if retries is not None:
            changed = replace(changed, retries=retries)
        return changed
