"""Damaged deliveries: a genuine one with its headers, signature, encoding, body or time changed.

`genuine` checks whether a delivery is still the sender's, so that nothing of what is signed was changed. It follows the
descriptions of the schemes and uses no code of the library.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable

from tests.runtime.webhooks import senders
from tests.runtime.webhooks.senders import KEY, STANDARD_KEY, Sent

SCHEMES = ("github", "standard", "bearer", "api_key")
SIGNED = {
    "github": (b"x-hub-signature-256", b"x-github-delivery", b"x-github-event"),
    "standard": (b"webhook-signature", b"webhook-id", b"webhook-timestamp"),
    "bearer": (b"authorization", b"idempotency-key"),
    "api_key": (b"x-api-key", b"idempotency-key"),
}
_OTHERS = (b"content-type", b"content-length", b"content-encoding", b"transfer-encoding", b"x-forwarded-for", b"expect")
_WEIRD = (
    b"", b" ", b"\x00", b"\xff\xfe", "é".encode(), "ｓｈａ".encode(), b"null", b"None", b"0", b"-1", b"=", b",",
    b"v1,", b"v1", b"v1a,", b"v0,", b"sha256=", b"sha1=", b"Bearer", b"Bearer ", b"Basic Og==", b"sha256=" + b"0" * 64,
    b"v1," + b"A" * 43 + b"=", b"\r\n", b"A" * 9000, b"1e9", b"+1", b"0x1", b"NaN", b"inf", b"1" * 400, b"%00", b"../",
    "١٢٣".encode(), b"application/xml", b"application/json; charset=utf-16", b"text/plain", b"gzip", b"chunked",
)  # fmt: skip
_BODIES = (
    b"", b"{", b"[" * 5000, b"[" * 150 + b"]" * 150, b"NaN", b"\xef\xbb\xbf{}", b'"\\ud800"', b"\xff\xff", b"1" * 5000,
    '{"number": 1}'.encode("utf-16"), b'{"number": 1, "number": 2}', b"null", b"[]", b"\x00" * 100, b'{"a":' * 3000,
)  # fmt: skip


def sent_by(scheme: str, body: bytes, now: float, delivery: str) -> Sent:
    """Return the genuine delivery."""
    if scheme == "standard":
        return senders.standard(body, now, delivery=delivery)
    make = {"github": senders.github, "bearer": senders.bearer, "api_key": senders.api_key}[scheme]
    return make(body, delivery=delivery)


def genuine(scheme: str, sent: Sent, now: float) -> bool:
    values: dict[bytes, list[bytes]] = {}
    for name, value in sent.headers:
        values.setdefault(name, []).append(value)
    needed = [values.get(name, []) for name in SIGNED[scheme]]
    if len(needed[0]) != 1:
        return False
    shown = needed[0][0]
    if scheme == "github":
        return shown == b"sha256=" + hmac.new(KEY.encode(), sent.body, hashlib.sha256).hexdigest().encode()
    if scheme == "api_key":
        return shown == KEY.encode()
    if scheme == "bearer":
        return shown[:7].lower() == b"bearer " and shown[7:] == KEY.encode()
    if len(needed[1]) != 1 or len(needed[2]) != 1:
        return False
    seconds = needed[2][0]
    if not seconds.isdigit() or len(seconds) > 12 or abs(int(seconds) - now) > 300:
        return False
    content = needed[1][0] + b"." + needed[2][0] + b"." + sent.body
    secret = base64.b64decode(STANDARD_KEY.removeprefix("whsec_"))
    expected = b"v1," + base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest())
    return expected in shown.split(b" ")


def damaged(scheme: str, sent: Sent, now: float, draw: random.Random) -> Sent:
    """Make one to three changes, at least one of them to something that the scheme checks."""
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        change = draw.choice((_value, _value, _value, _structure, _body, _other_key, _time, _elsewhere))
        sent = change(scheme, sent, now, draw)
    return sent


def _value(scheme: str, sent: Sent, now: float, draw: random.Random) -> Sent:
    name = draw.choice(SIGNED[scheme])
    value = dict(sent.headers).get(name, b"")
    return sent.having(name, draw.choice(_VALUES)(value, draw))


def _structure(scheme: str, sent: Sent, now: float, draw: random.Random) -> Sent:
    name = draw.choice(SIGNED[scheme])
    value = dict(sent.headers).get(name, b"")
    kind = draw.randrange(4)
    if kind == 0:
        return sent.having(name)
    if kind == 1:
        return sent.having(name, value, draw.choice(_WEIRD))
    if kind == 2:
        return sent.having(name, value, value)
    other = draw.choice(SIGNED[scheme])
    return sent.having(name, dict(sent.headers).get(other, b"")).having(other, value)


def _body(scheme: str, sent: Sent, now: float, draw: random.Random) -> Sent:
    kind = draw.randrange(6)
    if kind == 0:
        body = draw.choice(_BODIES)
    elif kind == 1:
        body = sent.body + draw.choice((b" ", b"\n", b"\x00", b"}", sent.body))
    elif kind == 2:
        body = sent.body[: draw.randrange(len(sent.body) + 1)]
    elif kind == 3:
        body = json.dumps({"number": draw.randrange(10**9)}).encode()
    elif kind == 4:
        body = draw.randbytes(draw.randrange(200))
    else:
        body = _flipped(sent.body, draw)
    return Sent(sent.headers, body)


def _other_key(scheme: str, sent: Sent, now: float, draw: random.Random) -> Sent:
    """Return a well-formed delivery of somebody who does not know the key."""
    if scheme == "standard":
        key = "whsec_" + base64.b64encode(draw.randbytes(32)).decode()
        return senders.standard(sent.body, now, key=key, delivery=_id(draw))
    make = {"github": senders.github, "bearer": senders.bearer, "api_key": senders.api_key}[scheme]
    return make(sent.body, key=draw.choice(("x", KEY[:-1], KEY + " ", KEY.upper(), "0" * 64)), delivery=_id(draw))


def _id(draw: random.Random) -> str:
    """Return an id from the same generator as everything else, so that a seed gives the same deliveries each time."""
    return f"{draw.getrandbits(128):032x}"


def _time(scheme: str, sent: Sent, now: float, draw: random.Random) -> Sent:
    if scheme != "standard":
        return _value(scheme, sent, now, draw)
    if draw.random() < 0.5:  # well signed, and too old or too new
        off = draw.choice((-1, 1)) * draw.choice((302, 3600, 10**6, 10**9))
        return senders.standard(sent.body, max(1, now + off), delivery=_id(draw))
    moved = str(int(now) + draw.randrange(-200, 200))
    texts = (
        moved,
        f"+{moved}",
        f" {moved}",
        f"0{moved}",
        f"{moved}.0",
        f"{moved}e0",
        moved + "0" * 30,
        f"-{moved}",
        "１",
    )
    return sent.having(b"webhook-timestamp", draw.choice(texts).encode())


def _elsewhere(scheme: str, sent: Sent, now: float, draw: random.Random) -> Sent:
    """Change a header that no signature covers, and another one that a signature covers."""
    return _value(scheme, sent.having(draw.choice(_OTHERS), draw.choice(_WEIRD)), now, draw)


def _flipped(data: bytes, draw: random.Random) -> bytes:
    if not data:
        return b"x"
    at = draw.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << draw.randrange(8))]) + data[at + 1 :]


def _shortened(data: bytes, draw: random.Random) -> bytes:
    return data[: draw.randrange(len(data) + 1)]


def _with_more(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + draw.choice(_WEIRD)[:50] + data[at:]


_VALUES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flipped,
    _flipped,
    _shortened,
    _with_more,
    lambda data, draw: draw.choice(_WEIRD),
    lambda data, draw: data.upper(),
    lambda data, draw: data.swapcase(),
    lambda data, draw: data[::-1],
    lambda data, draw: b" " + data,
    lambda data, draw: data + b"\t",
    lambda data, draw: data.replace(b"+", b"-").replace(b"/", b"_"),
    lambda data, draw: data.replace(b"=", b""),
    lambda data, draw: data + b"=",
    lambda data, draw: data.replace(b"v1,", b"v1a,").replace(b"sha256", b"sha1"),
    lambda data, draw: b",".join([data, data]),
    lambda data, draw: base64.b64encode(data),
    lambda data, draw: draw.randbytes(draw.randrange(1, 80)),
    lambda data, draw: data.decode("latin-1").encode("utf-16"),
)
