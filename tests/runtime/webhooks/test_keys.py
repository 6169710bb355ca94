"""The sources of keys. Keys are never shown."""

from __future__ import annotations

import base64
import os
from typing import Any

import flyte_runtime as rt
import pytest
from flyte_runtime.errors import WebhookError
from flyte_runtime.testing import wired
from flyte_runtime.webhooks import Accepted, ApiKey, Bearer, Env, GitHub, StandardWebhooks, Webhook, verify

from tests.runtime.webhooks import senders

BODY = b"{}"


def accepts(scheme: Any, key: str) -> bool:
    return isinstance(verify(scheme, senders.github(BODY, key=key).headers, BODY, 0), Accepted)


def test_a_variable_is_read_when_a_delivery_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    scheme = GitHub(Env("HOOK_KEY"), Env("HOOK_KEY_BEFORE"))
    monkeypatch.setenv("HOOK_KEY", "first")
    assert accepts(scheme, "first")
    assert not accepts(scheme, "")
    monkeypatch.setenv("HOOK_KEY", "second")
    monkeypatch.setenv("HOOK_KEY_BEFORE", "first")
    assert accepts(scheme, "first")
    assert accepts(scheme, "second")


def test_text_bytes_functions_and_secrets_are_keys() -> None:
    with wired({}, secrets={"hook-key": "from the store"}):
        for source in ("plain", b"plain", lambda: "plain", lambda: b"plain"):
            assert accepts(GitHub(source), "plain")
        for secret in (rt.secret("hook-key"), lambda: rt.secret("hook-key")):
            assert accepts(GitHub(secret), "from the store")


@pytest.mark.parametrize("scheme", [GitHub, Bearer, ApiKey, StandardWebhooks])
def test_no_key_is_an_error_and_never_an_open_door(scheme: Any) -> None:
    nothing: list[tuple[Any, ...]] = [(), ({},), ("",), (b"",)]
    for keys in nothing:
        with pytest.raises(WebhookError):
            scheme(*keys)
    empty: dict[str, str] = {}
    sources: list[Any] = [Env("NOT_SET"), lambda: "", lambda: None, lambda: rt.secret("no"), lambda: empty["s3cret"]]
    for source in sources:
        with pytest.raises(WebhookError) as caught:
            scheme(source).keys.read()
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "key",
    [
        "whsec_s3cret",
        "whsec_" + base64.b64encode(b"s3cret").decode(),
        "whsec_" + base64.b64encode(bytes(65)).decode(),
        "whsec_é" + "s3cret" * 10,
        "s3cret\udcff",
    ],
)
def test_a_key_of_the_wrong_form_is_named_without_being_shown(key: str) -> None:
    with pytest.raises(WebhookError, match="key 1 cannot be used: ") as caught:
        StandardWebhooks(key)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__suppress_context__
    with pytest.raises(WebhookError):
        StandardWebhooks(lambda: key).keys.read()


def test_keys_are_printed_nowhere() -> None:
    key = "whsec_" + base64.b64encode(b"s3cret-s3cret-s3cret-s3cret!").decode()
    for scheme in (GitHub(key), Bearer({"ci": key}), ApiKey(key.encode()), StandardWebhooks(key, Env("OTHER"))):
        texts = (repr(scheme), str(scheme), repr(scheme.keys), repr(Webhook(scheme)), f"{scheme.keys}")
        assert not [text for text in texts if key in text or "s3cret" in text]
        assert "***" in repr(scheme)
        os.environ["OTHER"] = key
        try:
            assert key not in repr(scheme.keys.read())
        finally:
            del os.environ["OTHER"]


def test_schemes_are_values() -> None:
    assert GitHub("a") == GitHub("a")
    assert GitHub("a") != GitHub("b")
    assert hash(Bearer("a")) == hash(Bearer("a"))
    with pytest.raises(AttributeError):
        GitHub("a").keys = None  # type: ignore[misc,assignment]
