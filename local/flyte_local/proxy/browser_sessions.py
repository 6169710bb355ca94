"""How a person's browser gets into an app that requires credentials: a link that works once, then a cookie.

Both are random texts that this server alone remembers, by their digests, for as long as its process lives.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable

from flyte_local.wire.app_key import AppKey

LINK_SECONDS = 120.0
SESSION_SECONDS = 12 * 3600.0
TICKET = "flyte_token"
_KEPT = 1000


class BrowserSessions:
    """The links that were handed out and not used yet, and the sessions that came of them."""

    def __init__(self, port: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._port = port
        self._clock = clock
        self._links: dict[bytes, tuple[AppKey, float]] = {}
        self._sessions: dict[bytes, tuple[AppKey, float]] = {}

    @property
    def cookie(self) -> str:
        """The cookie's name. Cookies know no ports, and an app of another server may have the same host."""
        return f"flyte_session_{self._port}"

    def link(self, key: AppKey) -> str:
        """An address of the app that lets one browser in, within two minutes."""
        ticket = self._remember(self._links, key, LINK_SECONDS)
        return f"{self.address(key)}?{TICKET}={ticket}"

    def address(self, key: AppKey) -> str:
        """The app's address for browsers."""
        return f"http://{key.host_label}.localhost:{self._port}/"

    def open(self, key: AppKey, ticket: str) -> str | None:
        """The cookie's value for a link's ticket; None where the ticket is used, too old or another app's."""
        found = self._links.pop(_digest(ticket), None)
        if found is None or found[0] != key or found[1] < self._clock():
            return None
        return self._remember(self._sessions, key, SESSION_SECONDS)

    def knows(self, key: AppKey, cookie: str) -> bool:
        """Whether the cookie's value is that of a session with this app."""
        found = self._sessions.get(_digest(cookie))
        return found is not None and found[0] == key and self._clock() <= found[1]

    def _remember(self, kept: dict[bytes, tuple[AppKey, float]], key: AppKey, seconds: float) -> str:
        now = self._clock()
        for old in [digest for digest, (_, until) in kept.items() if until < now]:
            del kept[old]
        while len(kept) >= _KEPT:
            del kept[next(iter(kept))]
        text = secrets.token_urlsafe(32)
        kept[_digest(text)] = (key, now + seconds)
        return text


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
