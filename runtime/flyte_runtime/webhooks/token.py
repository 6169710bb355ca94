"""The schemes for senders that send a key and sign nothing: `Authorization: Bearer …`, or another header.

Anybody who can read one delivery can forge others, so prefer a scheme that signs. Calls with the same `Idempotency-Key`
count as one delivery. Without that header, each call is a delivery.
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
    """The scheme `Authorization: Bearer <key>` (RFC 6750). Keys may have names: `Bearer({"ci": …, "shop": …})`."""

    keys: Keys
    name: str = field(default="bearer", repr=False)

    def __init__(self, *keys: KeySource | Mapping[str, KeySource]) -> None:
        object.__setattr__(self, "keys", Keys(keys))

    def claim(self, headers: Headers, now: float) -> Claim | Refusal:
        authorization = one(headers, b"authorization")
        if authorization is None:
            return Refusal(401, "the header Authorization is missing, or is there more than once")
        kind, _, token = authorization.partition(b" ")
        if kind.lower() != b"bearer":
            return Refusal(401, "the header Authorization is not of the form 'Bearer <key>'")
        return _claim(self.keys, token, headers)


@dataclass(frozen=True, init=False)
class ApiKey:
    """The scheme whose key is the whole value of `header`."""

    keys: Keys
    header: str
    name: str = field(default="api-key", repr=False)

    def __init__(self, *keys: KeySource | Mapping[str, KeySource], header: str = "X-API-Key") -> None:
        object.__setattr__(self, "keys", Keys(keys))
        object.__setattr__(self, "header", header)

    def claim(self, headers: Headers, now: float) -> Claim | Refusal:
        token = one(headers, self.header.lower().encode())
        if token is None:
            return Refusal(401, f"the header {self.header} is missing, or is there more than once")
        return _claim(self.keys, token, headers)


def _claim(keys: Keys, token: bytes, headers: Headers) -> Claim | Refusal:
    # Compare digests, which all have the same length, and compare every key. The time then tells nothing about the
    # keys.
    digest = hashlib.sha256(token).digest()
    label = None
    for key in keys.read():
        if hmac.compare_digest(digest, hashlib.sha256(key.secret).digest()):
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
    # Each key has its own ids. The digest is part of the identity, because a caller that uses an id again with another
    # body means another call, which must not be lost. The same holds for another path.
    identity = Identity(f"{label}/{delivery}/{hashlib.sha256(body).hexdigest()}", place="path")
    return Accepted(label, delivery, identities=(identity,), caller=label)
