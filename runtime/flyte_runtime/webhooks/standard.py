"""The scheme of Standard Webhooks 1.0.0: an HMAC of id, time and body.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from flyte_runtime.webhooks.keys import Keys, KeySource
from flyte_runtime.webhooks.verdict import Accepted, Claim, Headers, Identity, Refusal, Verdict, one

__all__ = ["StandardWebhooks"]

# A full stop separates the signed parts. An id must not contain one, because the signed text would then be ambiguous.
_ID = re.compile(rb"[!-\-/-~]{1,200}")
_SECONDS = re.compile(rb"[1-9][0-9]{0,11}")
_MOST_SIGNATURES = 16
_KEY_BYTES = range(24, 65)


@dataclass(frozen=True, init=False)
class StandardWebhooks:
    """The scheme of Standard Webhooks: `webhook-id`, `webhook-timestamp` and `webhook-signature`.

    Signatures are `v1` (HMAC-SHA256). `v1a` (Ed25519) is ignored. A key is `whsec_` and the base64 of 24 to 64 bytes,
    or plain `bytes`. `tolerance` is the number of seconds by which the sender's clock may differ. `prefix` is the
    prefix of the headers; Svix sends "svix" to older endpoints.
    """

    keys: Keys
    tolerance: float
    prefix: str
    name: str = field(default="standard-webhooks", repr=False)
    _headers: tuple[bytes, ...] = field(default=(), init=False, repr=False, compare=False)

    def __init__(
        self, *keys: KeySource | Mapping[str, KeySource], tolerance: float = 300, prefix: str = "webhook"
    ) -> None:
        object.__setattr__(self, "keys", Keys(keys, decoded_key))
        object.__setattr__(self, "tolerance", tolerance)
        object.__setattr__(self, "prefix", prefix)
        headers = tuple(f"{prefix}-{part}".encode() for part in ("id", "timestamp", "signature"))
        object.__setattr__(self, "_headers", headers)

    def claim(self, headers: Headers, now: float) -> Claim | Refusal:
        delivery, timestamp, signature = (one(headers, name) for name in self._headers)
        if delivery is None or timestamp is None or signature is None:
            names = f"{self.prefix}-id, {self.prefix}-timestamp and {self.prefix}-signature"
            reason = f"one of the headers {names} is missing, or occurs more than once"
            other = _other_prefix(headers)
            if other not in {None, self.prefix}:
                reason += f"; this delivery has {other}-id instead: StandardWebhooks(…, prefix={other!r}) accepts it"
            return Refusal(401, reason)
        if not _ID.fullmatch(delivery):
            return Refusal(400, f"the header {self.prefix}-id is not 1 to 200 visible ASCII characters without '.'")
        if not _SECONDS.fullmatch(timestamp):
            return Refusal(400, f"the header {self.prefix}-timestamp is not a whole number of seconds since 1970")
        if abs(now - int(timestamp)) > self.tolerance:
            return Refusal(401, f"the header {self.prefix}-timestamp is more than {self.tolerance:g} s off")
        signatures = [part for part in signature.split(b" ") if part.startswith(b"v1,")]
        if not signatures or len(signatures) > _MOST_SIGNATURES:
            return Refusal(401, f"the header {self.prefix}-signature has no 'v1,<base64>', or too many")
        return partial(self._signed, delivery, timestamp, signatures)

    def _signed(self, delivery: bytes, timestamp: bytes, signatures: Sequence[bytes], body: bytes) -> Verdict:
        head = b"%b.%b." % (delivery, timestamp)
        label = None
        for key in self.keys.read():
            expected = b"v1," + base64.b64encode(key.hmac(head, body))
            for signature in signatures:
                # Compare the texts, because several base64 texts decode to the same bytes.
                if hmac.compare_digest(signature, expected):
                    label = key.label
        if label is None:
            return Refusal(401, "no signature was made with one of this webhook's keys over this id, time and body")
        text = delivery.decode("ascii")
        return Accepted(label, text, identities=(Identity(text),))


def _other_prefix(headers: Headers) -> str | None:
    """Return the prefix of the three headers in the request, or None if no prefix has all three."""
    names = {name.decode("latin-1") for name, _ in headers}
    ids = (name.removesuffix("-signature") for name in sorted(names) if name.endswith("-signature"))
    return next((each for each in ids if {f"{each}-id", f"{each}-timestamp"} <= names and len(each) <= 40), None)


def decoded_key(text: str) -> bytes:
    """Return the bytes of `whsec_<base64>`; the prefix is optional. Raises ValueError without quoting the key."""
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if len(key) not in _KEY_BYTES:
        msg = "a key of Standard Webhooks is 'whsec_' and the base64 of 24 to 64 bytes"
        raise ValueError(msg) from None
    return key
