"""Senders that show a key: `Authorization: Bearer …`, or a header of their own. They sign nothing.

So whoever reads one delivery can make others: use a signing scheme where the sender offers one. An `Idempotency-Key`
makes repeated calls one delivery; without it each call is one of its own.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from flyte_runtime.webhooks.keys import Keys, KeySource
from flyte_runtime.webhooks.verdict import ID, Accepted, Claim, Headers, Identity, Refusal, Verdict, one

__all__ = ["ApiKey", "Bearer"]


@dataclass(frozen=True, init=False)
class Bearer:
    """RFC 6750: `Authorization: Bearer <key>`. Keys are given singly or by name, `Bearer({"ci": …, "shop": …})`."""

    keys: Keys
    name: str = field(default="bearer", repr=False)

    def __init__(self, *keys: KeySource | Mapping[str, KeySource]) -> None:
        object.__setattr__(self, "keys", Keys(keys))

    def claim(self, headers: Headers, now: float) -> Claim | Refusal:
        given = one(headers, b"authorization")
        if given is None:
            return Refusal(401, "the header Authorization is missing, or is there more than once")
        kind, _, token = given.partition(b" ")
        if kind.lower() != b"bearer":
            return Refusal(401, "the header Authorization is not of the form 'Bearer <key>'")
        return _shown(self.keys, token, headers, self.name)


@dataclass(frozen=True, init=False)
class ApiKey:
    """The key as the whole value of `header`."""

    keys: Keys
    header: str
    name: str = field(default="api-key", repr=False)

    def __init__(self, *keys: KeySource | Mapping[str, KeySource], header: str = "X-API-Key") -> None:
        object.__setattr__(self, "keys", Keys(keys))
        object.__setattr__(self, "header", header)

    def claim(self, headers: Headers, now: float) -> Claim | Refusal:
        given = one(headers, self.header.lower().encode())
        if given is None:
            return Refusal(401, f"the header {self.header} is missing, or is there more than once")
        return _shown(self.keys, given, headers, self.name)


def _shown(keys: Keys, token: bytes, headers: Headers, scheme: str) -> Claim | Refusal:
    # Digests have one length, so that the comparison does not tell that of the key; every key is compared.
    shown = hashlib.sha256(token).digest()
    label = None
    for key in keys.read():
        if hmac.compare_digest(shown, hashlib.sha256(key.secret).digest()):
            label = key.label
    if label is None:
        return keys.refusal("the key is not one of this webhook's")
    delivery = one(headers, b"idempotency-key")
    if delivery is None:
        if any(name == b"idempotency-key" for name, _ in headers):
            return Refusal(400, "the header Idempotency-Key is there more than once")
        return partial(_call, label)
    if not ID.fullmatch(delivery):
        return Refusal(400, "the header Idempotency-Key is not 1 to 200 visible ASCII characters")
    return partial(_delivery, label, delivery.decode("ascii"))


def _call(label: str, body: bytes) -> Verdict:
    return Accepted(label)


def _delivery(label: str, delivery: str, body: bytes) -> Verdict:
    # One caller's ids are not another's; name a key that is rotated to keep its caller's ids together. A caller that
    # uses an id again for another body or at another path means another call, which must not be lost.
    identity = Identity(f"{label}/{delivery}/{hashlib.sha256(body).hexdigest()}", place="path")
    return Accepted(label, delivery, identities=(identity,), caller=label)
