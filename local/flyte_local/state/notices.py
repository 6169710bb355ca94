"""Notices of changes. A topic is a store key, a subscription a key prefix."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator


class Subscription:
    """The topics that changed since the last look. A slow reader gets each changed topic once, never a backlog."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self._changed: dict[str, None] = {}
        self._event = asyncio.Event()

    def note(self, topic: str) -> None:
        """Mark a topic as changed."""
        self._changed[topic] = None
        self._event.set()

    async def changed(self, timeout: float | None = None) -> list[str]:
        """Wait for the next change. Return an empty list after `timeout` seconds without one."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._event.wait(), timeout)
        self._event.clear()
        topics, self._changed = list(self._changed), {}
        return topics


class Notices:
    """The server's one exchange of changes. Used from the event loop only."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()

    def publish(self, topic: str) -> None:
        """Tell every subscriber of a prefix of `topic`."""
        for subscription in self._subscriptions:
            if topic.startswith(subscription.prefix):
                subscription.note(topic)

    @contextlib.contextmanager
    def subscribe(self, prefix: str) -> Iterator[Subscription]:
        """Subscribe to changes. Subscribe first and read the state then, so that no change is missed."""
        subscription = Subscription(prefix)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
