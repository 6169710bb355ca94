"""Lets a person's browser into an app that requires credentials: by a link that works once, then by a cookie.

Both are random texts. Only this server knows them, by their digests, and only while its process lives.
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
_MOST_ENTRIES = 1000


class BrowserSessions:
    """The links that are not used yet, and the sessions of the used ones."""

    def __init__(self, port: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._port = port
        self._clock = clock
        self._links: dict[bytes, tuple[AppKey, float]] = {}
        self._sessions: dict[bytes, tuple[AppKey, float]] = {}

    @property
    def cookie(self) -> str:
        """The cookie's name. It has the port, because cookies are shared among ports."""
        return f"flyte_session_{self._port}"

    def link(self, key: AppKey) -> str:
        """Return an address of the app that lets one browser in, within two minutes."""
        ticket = self._remember(self._links, key, LINK_SECONDS)
        return f"{self.address(key)}?{TICKET}={ticket}"

    def address(self, key: AppKey) -> str:
        """Return the app's address for browsers."""
        return f"{key.host_url(self._port)}/"

    def open(self, key: AppKey, ticket: str) -> str | None:
        """Return the cookie's value for a link's ticket. None if the ticket is used, too old, or for another app."""
        entry = self._links.pop(_digest(ticket), None)
        if entry is None or entry[0] != key or entry[1] < self._clock():
            return None
        return self._remember(self._sessions, key, SESSION_SECONDS)

    def knows(self, key: AppKey, cookie: str) -> bool:
        """Return whether the cookie's value belongs to a session with this app."""
        entry = self._sessions.get(_digest(cookie))
        return entry is not None and entry[0] == key and self._clock() <= entry[1]

    def _remember(self, entries: dict[bytes, tuple[AppKey, float]], key: AppKey, seconds: float) -> str:
        now = self._clock()
        for old in [digest for digest, (_, until) in entries.items() if until < now]:
            del entries[old]
        while len(entries) >= _MOST_ENTRIES:
            del entries[next(iter(entries))]
        text = secrets.token_urlsafe(32)
        entries[_digest(text)] = (key, now + seconds)
        return text


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
