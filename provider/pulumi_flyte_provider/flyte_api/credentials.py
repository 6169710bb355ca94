"""The bearer token for `flyte:apiKey`: the key itself, or a token in exchange for its client credentials.

A Flyte API key (`flyte create api-key`) is base64 of `endpoint:client_id:client_secret:org`
(flyte-sdk `remote/_client/auth/_auth_utils.py`); anything else is taken as a bearer token.
"""

from __future__ import annotations

import base64
import binascii
import threading
import time
from dataclasses import dataclass

from connectrpc.errors import ConnectError
from pulumi_flyte.errors import reason_of
from pydantic import SecretStr

from pulumi_flyte_provider.errors import ApiError


@dataclass(frozen=True)
class _Token:
    value: str
    expires: float


_tokens: dict[tuple[str, str], _Token] = {}
_lock = threading.Lock()


def bearer(endpoint: str, key: SecretStr) -> str:
    """Return the token for `Authorization: Bearer`. Raise ApiError if the key's client is refused."""
    client = _client(key.get_secret_value())
    if client is None:
        return key.get_secret_value()
    identity, secret = client
    with _lock:
        token = _tokens.get((endpoint, identity))
        if token is None or token.expires < time.monotonic():
            token = _tokens[endpoint, identity] = _exchange(endpoint, identity, secret)
    return token.value


def is_api_key(key: str) -> bool:
    """Check that a text is an API key of Flyte, and not a bearer token."""
    return _client(key) is not None


def _client(key: str) -> tuple[str, str] | None:
    try:
        parts = base64.b64decode(key, validate=True).decode().split(":", 3)
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (parts[1], parts[2]) if len(parts) == 4 and parts[1] else None


def _exchange(endpoint: str, identity: str, secret: str) -> _Token:
    import httpx
    from flyteidl2.auth import auth_service_pb2
    from flyteidl2.auth.auth_service_connect import AuthMetadataServiceClientSync

    try:
        service = AuthMetadataServiceClientSync(endpoint)
        metadata = service.get_o_auth2_metadata(auth_service_pb2.GetOAuth2MetadataRequest(), timeout_ms=15_000)
        answer = httpx.post(
            metadata.token_endpoint,
            data={"grant_type": "client_credentials", "scope": "all"},
            auth=(identity, secret),
            timeout=15,
        )
        answer.raise_for_status()
        content = answer.json()
        return _Token(content["access_token"], time.monotonic() + float(content.get("expires_in", 300)) * 0.9)
    except (ConnectError, httpx.HTTPError, KeyError, ValueError) as error:
        reason = type(error).__name__ if isinstance(error, (KeyError, ValueError)) else reason_of(error)
        message = (
            f"flyte:apiKey: its client {identity!r} got no token from {endpoint} ({reason}): is the key still valid?"
        )
        raise ApiError(message, "unauthenticated") from None
