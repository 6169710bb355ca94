"""Genuine deliveries of each scheme, made from the specifications of the schemes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

KEY = "correct horse battery staple"
STANDARD_KEY = "whsec_" + base64.b64encode(bytes(range(32))).decode()

Pairs = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Sent:
    """Headers as pairs of bytes in lower case, as ASGI has them, and a body."""

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def having(self, name: bytes, *values: bytes) -> Sent:
        """The same with other values of one header, or without it."""
        others = tuple(pair for pair in self.headers if pair[0] != name)
        return replace(self, headers=(*others, *((name, value) for value in values)))

    def value(self, name: bytes) -> bytes:
        return dict(self.headers)[name]

    def as_text(self) -> list[tuple[str, str]]:
        return [(name.decode(), value.decode()) for name, value in self.headers]

    def as_httpx(self) -> Pairs:
        return list(self.headers)


def _sent(headers: Mapping[str, str], body: bytes) -> Sent:
    pairs = {"content-type": "application/json", **headers}
    return Sent(tuple((name.encode(), value.encode()) for name, value in pairs.items()), body)


def github(body: bytes, *, key: str = KEY, event: str = "push", delivery: str | None = None) -> Sent:
    """https://docs.github.com/webhooks/webhook-events-and-payloads#delivery-headers"""
    signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-github-event": event, "x-github-delivery": delivery or str(uuid.uuid4())}
    return _sent({**headers, "x-hub-signature-256": f"sha256={signature}"}, body)


def standard(
    body: bytes, now: float, *, key: str = STANDARD_KEY, delivery: str | None = None, prefix: str = "webhook"
) -> Sent:
    """https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"""
    identity = delivery or f"msg_{uuid.uuid4().hex}"
    secret = base64.b64decode(key.removeprefix("whsec_"))
    content = f"{identity}.{int(now)}.".encode() + body
    signature = base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
    names = {"id": identity, "timestamp": str(int(now)), "signature": f"v1,{signature}"}
    return _sent({f"{prefix}-{name}": value for name, value in names.items()}, body)


def bearer(body: bytes, *, key: str = KEY, delivery: str | None = None) -> Sent:
    more = {} if delivery is None else {"idempotency-key": delivery}
    return _sent({"authorization": f"Bearer {key}", **more}, body)


def api_key(body: bytes, *, key: str = KEY, delivery: str | None = None) -> Sent:
    more = {} if delivery is None else {"idempotency-key": delivery}
    return _sent({"x-api-key": key, **more}, body)
