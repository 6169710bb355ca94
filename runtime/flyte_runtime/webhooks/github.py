"""The scheme of GitHub's webhooks: an HMAC of the body.

https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from flyte_runtime.webhooks.keys import Keys, KeySource
from flyte_runtime.webhooks.verdict import ID, Accepted, Claim, Headers, Identity, Refusal, Verdict, one

__all__ = ["GitHub"]

_SIGNATURE = re.compile(rb"sha256=[0-9a-f]{64}")
_EVENT = re.compile(rb"[a-z0-9_]{1,100}")


@dataclass(frozen=True, init=False)
class GitHub:
    """The scheme of GitHub: `X-Hub-Signature-256`. The older `X-Hub-Signature` (SHA-1) is ignored.

    GitHub signs neither the id nor the event. So an equal body with another id within `same_body` seconds also counts
    as a replay. 0 turns that off, for example for workflows that are dispatched every second with equal inputs.
    """

    keys: Keys
    same_body: float
    name: str = field(default="github", repr=False)

    def __init__(self, *keys: KeySource | Mapping[str, KeySource], same_body: float = 300) -> None:
        object.__setattr__(self, "keys", Keys(keys))
        object.__setattr__(self, "same_body", same_body)

    def claim(self, headers: Headers, now: float) -> Claim | Refusal:
        signature = one(headers, b"x-hub-signature-256")
        delivery = one(headers, b"x-github-delivery")
        event = one(headers, b"x-github-event")
        if signature is None:
            return Refusal(401, "the header X-Hub-Signature-256 is missing, or is there more than once")
        if not _SIGNATURE.fullmatch(signature):
            return Refusal(401, "the header X-Hub-Signature-256 is not of the form 'sha256=<64 hexadecimal digits>'")
        if delivery is None or not ID.fullmatch(delivery):
            return Refusal(400, "the header X-GitHub-Delivery is missing or malformed")
        if event is None or not _EVENT.fullmatch(event):
            return Refusal(400, "the header X-GitHub-Event is missing or malformed")
        identity, kind = delivery.decode("ascii"), event.decode("ascii")

        def signed(body: bytes) -> Verdict:
            label = None
            for key in self.keys.read():
                expected = b"sha256=" + key.hmac(body).hex().encode()
                if hmac.compare_digest(signature, expected):
                    label = key.label
            if label is None:
                return self.keys.refusal("the signature is not one of this webhook's keys for this body")
            identities = [Identity(identity)]
            if self.same_body > 0:
                identities.append(Identity(signature.decode("ascii"), self.same_body))
            return Accepted(label, identity, kind, tuple(identities))

        return signed
