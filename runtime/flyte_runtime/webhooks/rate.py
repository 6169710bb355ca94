"""How many deliveries: `Rate(per_key="600/minute", per_address="60/minute")`, counted by the library limits."""

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
    """Limits are in the notation of limits ("10/second", "600 per minute"); None is no limit.

    `storage` is one of limits' URIs: "memory://" counts in this process, "redis://host" for all of them.
    Behind a proxy that does not pass on its client's address, all senders have the proxy's: leave `per_address` out.
    """

    def __init__(
        self, *, per_key: str | None = None, per_address: str | None = None, storage: str = "memory://"
    ) -> None:
        self.per_key = per_key
        self.per_address = per_address
        self._storage = _known(storage)
        self._items: dict[str, RateLimitItem | None] = {"key": _parsed(per_key), "address": _parsed(per_address)}
        self._limiter: SlidingWindowCounterRateLimiter | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Rate(per_key={self.per_key!r}, per_address={self.per_address!r})"

    async def wait(self, kind: Literal["key", "address"], hook: str, who: str) -> int | None:
        """Count one delivery of `who`; None where it may pass, otherwise seconds to wait (at least 1).

        Raises WebhookError where the storage cannot be used.
        """
        item = self._items[kind]
        if item is None:
            return None
        if kind == "address":
            who = network(who)
        if self._storage.startswith("memory:"):
            return self._count(item, hook, kind, who)
        # Other storages are asked over the network, and limits' connections to them block.
        return await asyncio.to_thread(self._count, item, hook, kind, who)

    def _count(self, item: RateLimitItem, *identity: str) -> int | None:
        try:
            limiter = self._limiter or self._made()
            if limiter.hit(item, *identity):
                return None
            ends = limiter.get_window_stats(item, *identity).reset_time
        except Exception as error:
            reason = _shown(error)
            raise WebhookError(f"the deliveries cannot be counted where the rate's storage= says: {reason}") from error
        return max(1, math.ceil(ends - time.time()))

    def _made(self) -> SlidingWindowCounterRateLimiter:
        # Only now: limits' storage in memory starts a thread, and a server may yet fork.
        from limits.storage import storage_from_string
        from limits.strategies import SlidingWindowCounterRateLimiter

        with self._lock:
            if self._limiter is None:
                self._limiter = SlidingWindowCounterRateLimiter(storage_from_string(self._storage))
            return self._limiter


def _known(storage: str) -> str:
    """Raises WebhookError unless limits has a storage of that kind, and one that can count what `Rate` counts."""
    from limits import storage as storages

    kind, found, _ = storage.partition("://")
    able = storages.SlidingWindowCounterSupport
    known = sorted(name for name, made in storages.SCHEMES.items() if issubclass(made, able))  # type: ignore[attr-defined]
    if found and kind.lower() in known:
        return storage
    # No more of it is shown than how it begins: it may hold a password.
    begins = f"begins with {kind + found!r}{nearest(kind, known)}" if found else "has no '://'"
    raise WebhookError(f"the rate's storage= {begins}: expected '://' after one of {', '.join(known)}")


def _shown(error: Exception) -> str:
    """limits' own sentence where a package is missing or too old; of all other errors, which the storages have of their
    own, the type alone: their words may hold the URI's password."""
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
    """What one sender has: an IPv4 address, or an IPv6 network of 64 bits, of which a sender has all addresses."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))
