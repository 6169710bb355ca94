"""Ed25519 keys of apps, and the credentials of their callers. Pure, except for `new_seed`.

A credential depends only on its key, its caller and its app. Ed25519 is deterministic (RFC 8032), so an unchanged edge
always has the same credential. `flyte_runtime.serving.credentials` verifies it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flyte_runtime.contract import CREDENTIAL_ISSUER

from pulumi_flyte_provider.errors import ProviderError

SEED_BYTES = 32
ALGORITHM = "EdDSA"


def new_seed() -> str:
    """Return a random private key: the 32 bytes of RFC 8032, as base64url."""
    return _base64url(secrets.token_bytes(SEED_BYTES))


def public_jwk(seed: str) -> dict[str, str]:
    """Return the public key as a JWK (RFC 8037); its id is its thumbprint (RFC 7638)."""
    key = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(_private(seed).public_key().public_bytes_raw())}
    canonical = json.dumps(key, sort_keys=True, separators=(",", ":"))
    thumbprint = _base64url(hashlib.sha256(canonical.encode()).digest())
    return {**key, "kid": thumbprint, "alg": ALGORITHM, "use": "sig"}


def credential(seed: str, *, caller: str, audience: str, issued_at: int, expires_at: int | None = None) -> str:
    """Return the JWT that `caller` shows to the app `audience`. Times are unix seconds."""
    claims: dict[str, str | int] = {"iss": CREDENTIAL_ISSUER, "sub": caller, "aud": audience, "iat": issued_at}
    if expires_at is not None:
        claims["exp"] = expires_at
    headers = {"kid": public_jwk(seed)["kid"]}
    return jwt.encode(claims, _private(seed), algorithm=ALGORITHM, headers=headers)


def seed_problem(seed: str) -> str | None:
    """Return the problem of a text that is not a private key, without quoting it, or None."""
    try:
        _private(seed)
    except ProviderError as error:
        return str(error)
    return None


def _private(seed: str) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(seed + "=" * (-len(seed) % 4)))
    except ValueError:
        raise ProviderError("not a private key of flyte:api:AuthKey: pass that resource's privateKey") from None
    except UnsupportedAlgorithm:
        raise ProviderError("this machine's OpenSSL has no Ed25519: use another Python environment") from None


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
