"""The signed credential of a caller, and its verification.

A credential is a JWT (RFC 7519) signed with Ed25519 (EdDSA, RFC 8037). `sub` is the caller and `aud` the app that it
may call. The app knows only public keys, so only its deployer can make credentials.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

import jwt

from flyte_runtime.contract import CREDENTIAL_ISSUER, Auth, Identity, parse_subject

__all__ = ["Refusal", "Verifier", "public_keys", "verify"]

ALGORITHM = "EdDSA"
LONGEST = 4096
# Seconds by which the clocks of two machines may differ.
LEEWAY = 30.0
_CACHE_SIZE = 4096
# `iat` does not limit a token (RFC 7519 section 4.1.6), and a deployer's clock may be ahead of a container's. `verify`
# checks `exp` and `nbf` itself, against the time that it is called with.
_OPTIONS: Any = {
    "require": ["iss", "sub", "aud"],
    "strict_aud": True,
    "verify_iat": False,
    "verify_exp": False,
    "verify_nbf": False,
}


@dataclass(frozen=True)
class Refusal:
    """The reason why a credential is refused. It quotes nothing of the credential."""

    reason: str


@dataclass(frozen=True)
class Admitted:
    """A valid credential: its caller, and the time until which it is valid (unix seconds)."""

    caller: Identity
    until: float = inf


def public_keys(auth: Auth) -> dict[str, jwt.PyJWK]:
    """Return the app's public keys by their ids. Raises ValueError if one is not an Ed25519 key."""
    keys = {}
    for key in auth.keys:
        if (key.get("kty"), key.get("crv")) != ("OKP", "Ed25519") or not key.get("kid"):
            msg = f"the key {key.get('kid')!r} of {auth.audience} is not an Ed25519 key with an id"
            raise ValueError(msg)
        try:
            keys[key["kid"]] = jwt.PyJWK.from_dict(key, algorithm=ALGORITHM)
        except (jwt.PyJWTError, ValueError) as error:
            msg = f"the key {key['kid']!r} of {auth.audience} cannot be read: {error}"
            raise ValueError(msg) from None
    return keys


def verify(token: str, keys: Mapping[str, jwt.PyJWK], audience: str, now: float) -> Admitted | Refusal:
    """Verify a credential. It never raises: any invalid text gives a Refusal."""
    if len(token) > LONGEST:
        return Refusal(f"the credential is longer than {LONGEST} characters")
    try:
        head = jwt.get_unverified_header(token)
        key = keys.get(str(head.get("kid")))
        if "crit" in head:  # RFC 7515 section 4.1.11: refuse unknown extensions; PyJWT 2.10 accepts them
            return Refusal("the credential is malformed")
        if head.get("alg") != ALGORITHM:
            return Refusal(f"the credential is not signed with {ALGORITHM}")
        if key is None:
            return Refusal("the credential is signed with a key that is not, or no longer, this app's")
        claims = jwt.decode(
            token, key, algorithms=[ALGORITHM], audience=audience, issuer=CREDENTIAL_ISSUER, options=_OPTIONS
        )
        caller = parse_subject(claims["sub"])
        begin, end = _moment(claims, "nbf", -inf), _moment(claims, "exp", inf)
    except jwt.InvalidSignatureError:
        return Refusal("the credential's signature is wrong")
    except jwt.InvalidAudienceError:
        return Refusal("the credential is for another app")
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError, RecursionError):
        return Refusal("the credential is malformed")
    if now > end + LEEWAY:
        return Refusal("the credential has expired")
    if now < begin - LEEWAY:
        return Refusal("the credential is not valid yet")
    return Admitted(caller, end + LEEWAY)


class Verifier:
    """Verifies the callers of one app. It caches verified credentials, since each call carries the same text."""

    def __init__(self, auth: Auth) -> None:
        self._audience = auth.audience
        self._keys = public_keys(auth)
        # The keys are digests, so that nobody can take a credential from memory.
        self._admitted: OrderedDict[bytes, Admitted] = OrderedDict()

    def __repr__(self) -> str:
        return f"Verifier({self._audience!r})"

    def verify(self, token: str | None) -> Identity | Refusal:
        """Return the caller, or the reason of the refusal."""
        if not token:
            return Refusal("the call carries no credential")
        now = time.time()
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        cached = self._admitted.get(digest)
        if cached is not None and now <= cached.until:
            return cached.caller
        verdict = verify(token, self._keys, self._audience, now)
        if isinstance(verdict, Refusal):
            self._admitted.pop(digest, None)
            return verdict
        self._admitted[digest] = verdict
        while len(self._admitted) > _CACHE_SIZE:
            self._admitted.popitem(last=False)
        return verdict.caller


def _moment(claims: Mapping[str, Any], name: str, default: float) -> float:
    """Return a NumericDate of the claims (RFC 7519 section 2). Raises ValueError."""
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        raise ValueError(name)
    return float(value)
