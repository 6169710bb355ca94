"""Rate limits for deliveries: `Rate(per_key="600/minute", per_address="60/minute")`. The package `limits` counts."""

from __future__ import annotations

import asyncio
import ipaddress
import math
import re
import threading
import time
from typing import TYPE_CHECKING, Literal

from flyte_runtime.errors import WebhookError, nearest

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import SlidingWindowCounterRateLimiter

__all__ = ["Rate"]


class Rate:
    """Rate limits in the notation of the package `limits` ("10/second", "600 per minute"). None means no limit.

    `storage` is a storage URI of `limits`: "memory://" counts in this process, "redis://host" across processes. Leave
    `per_address` out behind a proxy that does not forward client addresses: all senders would have its address.
    """

    def __init__(
        self, *, per_key: str | None = None, per_address: str | None = None, storage: str = "memory://"
    ) -> None:
        self.per_key = per_key
        self.per_address = per_address
        self._storage = _checked_storage(storage)
        self._items: dict[str, RateLimitItem | None] = {"key": _parsed(per_key), "address": _parsed(per_address)}
        self._limiter: SlidingWindowCounterRateLimiter | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Rate(per_key={self.per_key!r}, per_address={self.per_address!r})"

    async def wait(self, kind: Literal["key", "address"], hook: str, sender: str) -> int | None:
        """Count one delivery of `sender`, a key or an address.

        Return None if it may pass, otherwise the seconds to wait (at least 1). Raises WebhookError if the storage
        cannot be used.
        """
        item = self._items[kind]
        if item is None:
            return None
        if kind == "address":
            sender = network(sender)
        if self._storage.startswith("memory:"):
            return self._count(item, hook, kind, sender)
        # Other storages are remote, and `limits` makes blocking calls to them.
        return await asyncio.to_thread(self._count, item, hook, kind, sender)

    def _count(self, item: RateLimitItem, *identity: str) -> int | None:
        try:
            limiter = self._limiter or self._create_limiter()
            if limiter.hit(item, *identity):
                return None
            ends = limiter.get_window_stats(item, *identity).reset_time
        except Exception as error:
            reason = _shown(error)
            raise WebhookError(f"the deliveries cannot be counted in the rate's storage=: {reason}") from error
        return max(1, math.ceil(ends - time.time()))

    def _create_limiter(self) -> SlidingWindowCounterRateLimiter:
        # Not in __init__: the memory storage of `limits` starts a thread, and a server may fork before the first
        # delivery.
        from limits.storage import storage_from_string
        from limits.strategies import SlidingWindowCounterRateLimiter

        with self._lock:
            if self._limiter is None:
                self._limiter = SlidingWindowCounterRateLimiter(storage_from_string(self._storage))
            return self._limiter


def _checked_storage(storage: str) -> str:
    """Return the storage URI. Raises WebhookError if `limits` has no such storage that supports sliding windows."""
    from limits import storage as storages

    kind, separator, _ = storage.partition("://")
    base = storages.SlidingWindowCounterSupport
    kinds = sorted(name for name, each in storages.SCHEMES.items() if issubclass(each, base))  # type: ignore[attr-defined]
    if separator and kind.lower() in kinds:
        return storage
    # Show only the beginning of the URI: the rest may hold a password.
    begins = f"begins with {kind + separator!r}{nearest(kind, kinds)}" if separator else "has no '://'"
    raise WebhookError(f"the rate's storage= {begins}: expected '://' after one of {', '.join(kinds)}")


def _shown(error: Exception) -> str:
    """Return a text for an error of `limits`.

    It is the message if a package is missing or too old. For other errors it is only the type, because the message of a
    storage may hold the password of the URI.
    """
    from limits.errors import ConfigurationError

    text = str(error)
    about_package = isinstance(error, ConfigurationError) and re.search("prerequisite|minimum version", text)
    return text if about_package else type(error).__name__


def _parsed(text: str | None) -> RateLimitItem | None:
    if text is None:
        return None
    from limits import parse

    try:
        return parse(text)
    except ValueError:
        msg = f"the rate {text!r} cannot be read: write it like '600/minute'"
        raise WebhookError(msg) from None


def network(address: str) -> str:
    """Return the network of a sender: an IPv4 address, or the first 64 bits of an IPv6 address.

    A sender usually has all IPv6 addresses of that network.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))
