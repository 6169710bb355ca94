"""Each scheme as its publisher describes it, with the publishers' own examples."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest
from flyte_runtime.errors import WebhookError
from flyte_runtime.webhooks import Accepted, ApiKey, Bearer, GitHub, Refusal, StandardWebhooks, verify

from tests.runtime.webhooks import senders
from tests.runtime.webhooks.senders import KEY, STANDARD_KEY

NOW = 1_700_000_000.0
BODY = b'{"number": 1}'


def test_the_example_of_github() -> None:
    # docs.github.com, "Validating webhook deliveries", testing the webhook payload validation
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    headers = {"X-Hub-Signature-256": signature, "X-GitHub-Delivery": "72d3162e", "X-GitHub-Event": "push"}
    verdict = verify(GitHub("It's a Secret to Everybody"), headers, b"Hello, World!", NOW)
    assert isinstance(verdict, Accepted)
    assert (verdict.delivery, verdict.event, verdict.key) == ("72d3162e", "push", "key 1")
    assert verify(GitHub("It's a Secret to Everybody"), headers, b"Hello, World?", NOW) == Refusal(
        401, "the signature is not one of this webhook's keys for this body"
    )


STANDARD_EXAMPLE = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


@pytest.mark.parametrize("key", ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
def test_the_example_of_standard_webhooks(key: str) -> None:
    # The vector of the reference libraries (github.com/standard-webhooks/standard-webhooks)
    verdict = verify(StandardWebhooks(key), STANDARD_EXAMPLE, b'{"test": 2432232314}', 1614265330)
    assert isinstance(verdict, Accepted)
    assert verdict.delivery == "msg_p5jXN8AQM9LWM0D4loKWxJek"


@pytest.mark.parametrize(("off", "fits"), [(-300, True), (300, True), (-301, False), (301, False)])
def test_the_clock_may_differ_by_five_minutes(off: int, fits: bool) -> None:
    scheme = StandardWebhooks("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    verdict = verify(scheme, STANDARD_EXAMPLE, b'{"test": 2432232314}', 1614265330 + off)
    assert isinstance(verdict, Accepted) == fits


def test_one_of_several_signatures_is_enough_while_the_sender_rotates() -> None:
    valid = STANDARD_EXAMPLE["webhook-signature"]
    scheme = StandardWebhooks("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    for signatures in (f"v1,{'A' * 43}= {valid}", f"v1a,zzzz {valid} v2,what"):
        headers = {**STANDARD_EXAMPLE, "webhook-signature": signatures}
        assert isinstance(verify(scheme, headers, b'{"test": 2432232314}', 1614265330), Accepted)
    flood = {**STANDARD_EXAMPLE, "webhook-signature": " ".join([valid] * 17)}
    assert isinstance(verify(scheme, flood, b'{"test": 2432232314}', 1614265330), Refusal)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        # The first four escape from the reference library as ValueError, binascii.Error, UnicodeDecodeError.
        ("webhook-signature", "v1"),
        ("webhook-signature", "v1,%%%"),
        ("webhook-signature", "v1,\udcff"),
        ("webhook-signature", "é"),
        ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE"),
        ("webhook-signature", "v1,g0hM9SsE-OTPJTGt_tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ("webhook-timestamp", "١٦١٤٢٦٥٣٣٠"),
        ("webhook-timestamp", "1_614_265_330"),
        ("webhook-timestamp", "+1614265330"),
        ("webhook-timestamp", "1614265330.0"),
        ("webhook-timestamp", "9" * 5000),
        ("webhook-id", ""),
        ("webhook-id", "msg.1614265330"),
    ],
)
def test_malformed_headers_are_refused(header: str, value: str) -> None:
    scheme = StandardWebhooks("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    for body in (b'{"test": 2432232314}', b"\xff\xfe"):
        verdict = verify(scheme, {**STANDARD_EXAMPLE, header: value}, body, 1614265330)
        assert isinstance(verdict, Refusal)
        assert verdict.status in {400, 401}


def test_one_signature_has_one_reading() -> None:
    """`a.1700000000` + `1700000000` + body and `a` + `1700000000` + `1700000000.body` sign the same bytes."""
    sent = senders.standard(b"1700000000.5", NOW, delivery="a")
    shifted = sent.having(b"webhook-id", b"a.1700000000")
    verdict = verify(StandardWebhooks(STANDARD_KEY), shifted.headers, b"5", NOW)
    assert isinstance(verdict, Refusal)
    assert verdict.status == 400


def test_the_older_headers_of_svix() -> None:
    sent = senders.standard(BODY, NOW, prefix="svix")
    assert isinstance(verify(StandardWebhooks(STANDARD_KEY, prefix="svix"), sent.headers, BODY, NOW), Accepted)
    assert isinstance(verify(StandardWebhooks(STANDARD_KEY), sent.headers, BODY, NOW), Refusal)


def test_a_bearer_and_a_header_of_its_own() -> None:
    for scheme, make in ((Bearer(KEY), senders.bearer), (ApiKey(KEY), senders.api_key)):
        assert verify(scheme, make(BODY).headers, BODY, NOW) == Accepted("key 1")
        verdict = verify(scheme, make(BODY, delivery="d1").headers, BODY, NOW)
        assert isinstance(verdict, Accepted)
        assert verdict.delivery == "d1"
        for wrong in ("", KEY + "x", KEY[:-1], "é"):
            assert isinstance(verify(scheme, make(BODY, key=wrong).headers, BODY, NOW), Refusal)
    sent = senders.Sent(((b"authorization", b"bEARER " + KEY.encode()),), BODY)
    assert isinstance(verify(Bearer(KEY), sent.headers, BODY, NOW), Accepted)
    other = ApiKey(KEY, header="X-Hook-Key")
    assert isinstance(verify(other, {"x-hook-key": KEY}, BODY, NOW), Accepted)
    assert isinstance(verify(other, {"x-api-key": KEY}, BODY, NOW), Refusal)


def test_a_callers_ids_are_its_own() -> None:
    scheme = Bearer({"ci": "key of ci", "shop": "key of the shop"})
    verdicts = [verify(scheme, senders.bearer(BODY, key=key, delivery="1").headers, BODY, NOW)
                for key in ("key of ci", "key of the shop")]  # fmt: skip
    assert [verdict.key for verdict in verdicts if isinstance(verdict, Accepted)] == ["ci", "shop"]
    assert len({verdict.identities for verdict in verdicts if isinstance(verdict, Accepted)}) == 2


SCHEMES: list[tuple[Any, Any]] = [
    (GitHub, lambda key: senders.github(BODY, key=key)),
    (Bearer, lambda key: senders.bearer(BODY, key=key)),
    (ApiKey, lambda key: senders.api_key(BODY, key=key)),
    (StandardWebhooks, lambda key: senders.standard(BODY, NOW, key=key)),
]


@pytest.mark.parametrize(("scheme", "sent"), SCHEMES, ids=lambda value: getattr(value, "__name__", ""))
def test_several_keys_count_at_once(scheme: Any, sent: Any) -> None:
    old, new, none = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in range(3))
    both = scheme(new, old)
    for key, label in ((new, "key 1"), (old, "key 2")):
        verdict = verify(both, sent(key).headers, BODY, NOW)
        assert isinstance(verdict, Accepted)
        assert verdict.key == label
    assert isinstance(verify(both, sent(none).headers, BODY, NOW), Refusal)


@pytest.mark.parametrize(("scheme", "sent"), SCHEMES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_header_that_is_there_twice_is_none(scheme: Any, sent: Any) -> None:
    made = sent(STANDARD_KEY)
    assert isinstance(verify(scheme(STANDARD_KEY), made.headers, BODY, NOW), Accepted)
    for name, value in made.headers:
        if name != b"content-type":
            assert isinstance(verify(scheme(STANDARD_KEY), [*made.headers, (name, value)], BODY, NOW), Refusal)


@pytest.mark.parametrize(("scheme", "sent"), SCHEMES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_near_miss_takes_as_long_as_a_far_one(scheme: Any, sent: Any) -> None:
    """hmac.compare_digest takes the same time for each. The test fails if something compares before it."""
    checked = scheme(STANDARD_KEY)
    made = sent(STANDARD_KEY)
    name = next(
        n
        for n, v in made.headers
        if n in {b"x-hub-signature-256", b"authorization", b"x-api-key", b"webhook-signature"}
    )
    value = made.value(name)
    at = 12 if b"v1," not in value else 3
    swap = lambda where: value[:where] + bytes([value[where] ^ 1]) + value[where + 1 :]  # noqa: E731
    early, late = made.having(name, swap(at)), made.having(name, swap(len(value) - 2))

    def seconds(delivery: senders.Sent) -> float:
        begin = time.thread_time()
        for _ in range(50):
            verify(checked, delivery.headers, BODY, NOW)
        return time.thread_time() - begin

    # The least processor time of many rounds, because other work of the machine only adds to it.
    rounds = [(seconds(early), seconds(late)) for _ in range(41)]
    assert 0.5 < min(e for e, _ in rounds) / min(late for _, late in rounds) < 2


@pytest.mark.parametrize("key", [KEY + "\n", " " + KEY, KEY + "\r\n", "\t" + KEY])
@pytest.mark.parametrize(
    ("scheme", "sent"),
    [(GitHub, senders.github(BODY)), (Bearer, senders.bearer(BODY)), (ApiKey, senders.api_key(BODY))],
)
def test_a_refusal_says_that_the_stored_key_has_white_space_around_it(
    scheme: Any, sent: senders.Sent, key: str
) -> None:
    for source in (key, lambda: key, {"github": key}):
        verdict = verify(scheme(source), dict(sent.as_text()), BODY, NOW)
        assert isinstance(verdict, Refusal)
        assert verdict.status == 401
        assert "begins or ends with white space: store it without" in verdict.reason
        assert KEY not in verdict.reason
    other = verify(scheme("another"), dict(sent.as_text()), BODY, NOW)
    assert isinstance(other, Refusal)
    assert "white space" not in other.reason


def test_a_key_of_bytes_may_end_with_any_byte() -> None:
    verdict = verify(GitHub(bytes(range(200, 231)) + b"\n"), dict(senders.github(BODY).as_text()), BODY, NOW)
    assert isinstance(verdict, Refusal)
    assert "white space" not in verdict.reason


def test_a_standard_key_with_white_space_is_named_as_that() -> None:
    for key in (STANDARD_KEY + "\n", "\n" + STANDARD_KEY):
        with pytest.raises(WebhookError, match="begins or ends with white space") as caught:
            StandardWebhooks(key)
        assert STANDARD_KEY not in str(caught.value)


@pytest.mark.parametrize("prefix", ["svix", "x-acme"])
def test_headers_of_another_prefix_are_named_with_the_way_to_take_them(prefix: str) -> None:
    headers = dict(senders.standard(BODY, NOW, prefix=prefix).as_text())
    verdict = verify(StandardWebhooks(STANDARD_KEY), headers, BODY, NOW)
    assert isinstance(verdict, Refusal)
    assert f"has {prefix}-id instead: StandardWebhooks(…, prefix='{prefix}') accepts it" in verdict.reason
    assert isinstance(verify(StandardWebhooks(STANDARD_KEY, prefix=prefix), headers, BODY, NOW), Accepted)
    del headers[f"{prefix}-timestamp"]
    assert isinstance(incomplete := verify(StandardWebhooks(STANDARD_KEY), headers, BODY, NOW), Refusal)
    assert "instead" not in incomplete.reason
