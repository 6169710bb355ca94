"""The errors of a container whose wiring does not fit its code."""

from __future__ import annotations

import flyte_runtime as rt
import pytest
from flyte_runtime.contract import WIRING_VARIABLE, AppInput
from flyte_runtime.errors import BadWiring, NotWired, SecretMissing, UnknownAlias, WrongKind
from flyte_runtime.testing import wired


def test_declaring_a_handle_needs_no_wiring() -> None:
    assert repr(rt.app("backend_url")) == "rt.app('backend_url')"
    assert rt.app("backend_url") is rt.app("backend_url")


def test_not_wired_names_the_variable_and_both_ways_out() -> None:
    with pytest.raises(NotWired) as caught:
        _ = rt.app("backend_url").url
    message = str(caught.value)
    for part in ("BACKEND_URL", "FLYTE_WIRING", "inputs={'backend_url': <App>}", "testing.wired"):
        assert part in message


def test_unknown_alias_lists_what_there_is_and_the_nearest() -> None:
    with wired({"backend_url": "http://b", "train": "p/d/t@1"}), pytest.raises(UnknownAlias) as caught:
        _ = rt.app("backend_ulr").url
    message = str(caught.value)
    assert "did you mean 'backend_url'?" in message
    assert "its aliases: backend_url, train" in message
    assert "app 'under-test'" in message


def test_wrong_kind_says_what_to_use() -> None:
    with wired({"backend": "http://b", "train": "p/d/t", "mode": "fast"}):
        with pytest.raises(WrongKind, match=r"'train' is wired to a task, not to an app: use rt\.task\('train'\)"):
            _ = rt.app("train").url
        with pytest.raises(WrongKind, match=r"use rt\.app\('backend'\)"):
            _ = rt.task("backend").input
        with pytest.raises(WrongKind, match=r"a plain value.*os\.environ\['MODE'\]"):
            _ = rt.app("mode").url


def test_an_alias_in_another_case_is_the_same_alias() -> None:
    with wired({"backend_url": "http://b"}):
        assert rt.app("BACKEND_URL").url == "http://b"


def test_a_plain_variable_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKEND_URL", "https://b.example/x")
    monkeypatch.setenv("TRAIN", "shop/production/ml.train@v3")
    assert rt.app("backend_url").url == rt.app("backend_url").public_url == "https://b.example/x"
    assert rt.task("train").input.reference == "shop/production/ml.train@v3"
    assert rt.task("train").input.version == "v3"


def test_a_plain_variable_of_another_shape_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "p/d/n@1")
    with pytest.raises(WrongKind, match=r"THING is 'p/d/n@1'.*http://"):
        _ = rt.app("thing").url
    monkeypatch.setenv("THING", "http://x")
    with pytest.raises(WrongKind, match="project/domain/name"):
        _ = rt.task("thing").input


def test_a_name_that_cannot_be_an_alias() -> None:
    with pytest.raises(NotWired, match="'backend-url' cannot be an alias"):
        _ = rt.app("backend-url").url


@pytest.mark.parametrize("document", ["{", "[]", '{"version": 2}', "null", '{"version":1,"identity":{}}'])
def test_a_document_that_cannot_be_read(document: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WIRING_VARIABLE, document)
    with pytest.raises(BadWiring, match="FLYTE_WIRING cannot be read"):
        _ = rt.app("a").url


def test_wiring_changes_with_its_value() -> None:
    with wired({"a": "http://one"}):
        assert rt.app("a").url == "http://one"
        with wired({"a": "http://two"}):
            assert rt.app("a").url == "http://two"
        assert rt.app("a").url == "http://one"
    with pytest.raises(NotWired):
        _ = rt.app("a").url


def test_public_url_where_there_is_one() -> None:
    edge = AppInput(project="p", domain="d", name="n", url="http://in", public_url="https://out")
    with wired({"a": edge}):
        assert (rt.app("a").url, rt.app("a").public_url) == ("http://in", "https://out")


def test_a_secret_is_read_by_its_key() -> None:
    with wired({}, secrets={"webhook-api-key": "s3cret"}):
        value = rt.secret("webhook-api-key")
        assert value == "s3cret"
        assert value.encode() == b"s3cret"
        assert f"{value}" == "s3cret"


def test_a_secret_is_not_shown_by_the_repr_of_what_holds_it() -> None:
    with wired({}, secrets={"k": "s3cret"}):
        assert "s3cret" not in repr({"key": rt.secret("k")})


def test_a_secret_without_a_document_is_flytes_own_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_API_KEY", "v")
    assert rt.secret("webhook-api-key") == "v"


def test_missing_secrets_say_which_kind_of_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SecretMissing, match=r"API_KEY is not set and the container is not wired"):
        rt.secret("api-key")
    with wired({}, secrets={"api-key": "v"}):
        with pytest.raises(
            SecretMissing, match=r"'apikey' is not declared for app 'under-test' \(did you mean 'api-key'\?\)"
        ):
            rt.secret("apikey")
        monkeypatch.setenv("API_KEY", "")
        with pytest.raises(SecretMissing, match="does it exist in the secret store"):
            rt.secret("api-key")
