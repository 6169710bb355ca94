"""The verification of a delivery by a scheme, in two steps: first the headers, then the body."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

__all__ = ["ID", "Accepted", "Claim", "Headers", "Identity", "Refusal", "Scheme", "Verdict", "one", "verify"]

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]
"""The headers of an ASGI scope: pairs of a lower-case name and a raw value."""
# An id of a delivery, for example a UUID or `msg_…`: visible ASCII, so that it is safe to log.
ID = re.compile(rb"[!-~]{1,200}")


@dataclass(frozen=True)
class Identity:
    """A key that detects replays, and how long to remember it, in seconds (None: the hook's window).

    `place` is its scope. Signed deliveries use the route: the URL is not signed, so a captured delivery could otherwise
    be replayed under another path parameter. Senders that sign nothing use the path, since their id is for one call.
    """

    text: str
    seconds: float | None = None
    place: Literal["route", "path"] = "route"


@dataclass(frozen=True)
class Accepted:
    """A verified delivery.

    key: the label of the key that verified it.
    delivery: the id that the sender gave it, if any.
    event: its kind, if a header names it.
    identities: the keys that detect a replay of it.
    caller: the label of the key, if each key has its own ids.
    """

    key: str
    delivery: str | None = None
    event: str | None = None
    identities: tuple[Identity, ...] = ()
    caller: str | None = None


@dataclass(frozen=True)
class Refusal:
    """A refused delivery: an HTTP status (4xx) and one sentence, which never holds the value of a key.

    `detail` is the text for the sender, if a stranger must not see the reason.
    """

    status: int
    reason: str
    detail: str | None = None


Verdict: TypeAlias = Accepted | Refusal
Claim: TypeAlias = Callable[[bytes], Verdict]
"""The second step: a function that checks the body and returns the verdict."""


class Scheme(Protocol):
    """A way in which senders prove who they are. Methods raise only WebhookError, if the keys are not set up."""

    @property
    def name(self) -> str: ...

    def claim(self, headers: Headers, now: float) -> Claim | Refusal:
        """Check the headers. Return the second step, or a Refusal, for which the body need not be read.

        `now` is in seconds since 1970.
        """
        ...


def verify(scheme: Scheme, headers: Mapping[str, str] | Headers, body: bytes, now: float) -> Verdict:
    """Verify headers and body of a delivery. It keeps no state: compare `Accepted.identities` to detect replays.

    `headers` is a mapping, or the list of pairs of an ASGI scope. Nothing that a sender sends can raise an error.
    """
    if isinstance(headers, Mapping):
        headers = [(name.lower().encode("latin-1", "replace"), _raw(value)) for name, value in headers.items()]
    claim = scheme.claim(headers, now)
    return claim if isinstance(claim, Refusal) else claim(body)


def one(headers: Headers, name: bytes) -> bytes | None:
    """Return the value of a header. Return None if it is missing, or if there are several."""
    values = [value for each, value in headers if each == name]
    return values[0] if len(values) == 1 else None


def _raw(value: str) -> bytes:
    return value.encode("utf-8", "backslashreplace")
