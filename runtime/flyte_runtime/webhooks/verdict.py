"""What a scheme says of a delivery, in two steps: the headers, before the body is read, and then the body."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

__all__ = ["ID", "Accepted", "Claim", "Headers", "Identity", "Refusal", "Scheme", "Verdict", "one", "verify"]

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]
"""ASGI's: names in lower case, values as they came."""

# Of GitHub a UUID, of others `msg_…`: visible ASCII, so that it may stand in a log.
ID = re.compile(rb"[!-~]{1,200}")


@dataclass(frozen=True)
class Identity:
    """By what a delivery is known when it comes again, and for how many seconds (None: as long as the hook says).

    It counts for itself at each `place`: at each route, or, where the sender signs nothing and its word is the whole
    call's, at each path.
    """

    text: str
    seconds: float | None = None
    place: Literal["route", "path"] = "route"


@dataclass(frozen=True)
class Accepted:
    """It is the sender's: `delivery` is the sender's id of it (None where it gave none), `event` its kind if a header
    says so, `key` the label of the key that fits, `identities` by which a replay is recognised. `caller` is whose the
    sender's ids are, where each key's owner counts its own."""

    key: str
    delivery: str | None = None
    event: str | None = None
    identities: tuple[Identity, ...] = ()
    caller: str | None = None


@dataclass(frozen=True)
class Refusal:
    """The reason why a delivery is turned away: an HTTP status (4xx) and one sentence that shows no key's value.

    `detail` is what the sender is told, if the reason is more than a stranger may know.
    """

    status: int
    reason: str
    detail: str | None = None


Verdict: TypeAlias = Accepted | Refusal
Claim: TypeAlias = Callable[[bytes], Verdict]
"""What the headers promise; given the body, whether it is so."""


class Scheme(Protocol):
    """How senders prove who they are. Its methods raise WebhookError where its own keys are missing, nothing else."""

    @property
    def name(self) -> str: ...

    def claim(self, headers: Headers, now: float) -> Claim | Refusal:
        """The first step: a Refusal spares reading the body. `now` is in seconds since 1970."""
        ...


def verify(scheme: Scheme, headers: Mapping[str, str] | Headers, body: bytes, now: float) -> Verdict:
    """Both steps at once, without any state: a replay is for its caller to recognise by `Accepted.identities`.

    `headers` is a mapping, or ASGI's list of pairs. Nothing that a sender can send raises.
    """
    if isinstance(headers, Mapping):
        headers = [(name.lower().encode("latin-1", "replace"), _raw(value)) for name, value in headers.items()]
    claim = scheme.claim(headers, now)
    return claim if isinstance(claim, Refusal) else claim(body)


def one(headers: Headers, name: bytes) -> bytes | None:
    """The header's value. Twice is none: it could not be said which of them the sender meant."""
    found = [value for given, value in headers if given == name]
    return found[0] if len(found) == 1 else None


def _raw(value: str) -> bytes:
    return value.encode("utf-8", "backslashreplace")
