"""No text that leaves the plugin shows a secret's value."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte_provider.messages import engine_log
from pulumi_flyte_provider.messages.redaction import Redactor
from pulumi_flyte_provider.properties.values import UNKNOWN, Secret

from tests.provider.oss_server import World
from tests.provider.plugin import PartialFailure, Plugin, PluginError

APP, SECRET = "flyte:api:App", "flyte:api:Secret"
WEB = {"name": "web", "image": "nginx:1"}
VALUE = 'c4n4ry/p+ss "wörd"?'
KEY = {"name": "api-key", "value": Secret(VALUE)}
PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\nab\n-----END KEY-----\n"
SPELLINGS = [
    VALUE,
    base64.b64encode(VALUE.encode()).decode(),
    base64.urlsafe_b64encode(VALUE.encode()).decode().rstrip("="),
    quote(VALUE),
    quote_plus(VALUE),
    quote(VALUE, safe="").lower(),
    VALUE.encode().hex(),
    VALUE.encode().hex().upper(),
    json.dumps(VALUE)[1:-1],
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_value_is_hidden_however_it_is_written(spelling: str) -> None:
    redactor = Redactor()
    redactor.remember(VALUE)
    assert redactor.clean(f"token={spelling}; next") == "token=***; next"


@given(user=st.text(max_size=9), value=st.binary(min_size=8, max_size=40).map(lambda data: data.hex()))
def test_a_value_inside_basic_authentication_is_hidden(user: str, value: str) -> None:
    redactor = Redactor()
    redactor.remember(value)
    sent = base64.b64encode(f"{user}:{value}@".encode()).decode()
    cleaned = redactor.clean(sent)
    assert "***" in cleaned
    assert len(cleaned) <= len(base64.b64encode(f"{user}:@".encode())) + len("***") + 4


def test_lines_of_a_long_value_are_hidden_and_short_words_are_not() -> None:
    redactor = Redactor()
    redactor.remember(PEM)
    for short in ("abc", "", None, 12345678, UNKNOWN):
        redactor.remember(short)
    assert redactor.clean("  kqhkiG9w0BAQEF\n  ab abc 12345678") == "  ***\n  ab abc 12345678"


def test_the_longer_of_two_values_is_hidden_whole() -> None:
    redactor = Redactor()
    for value in ("pass", "password-of-prod"):
        redactor.remember(value)
    assert redactor.clean("password-of-prod pass.") == "*** ***."


def test_an_app_that_prints_its_secret_leaks_it_neither_in_the_error_nor_in_state(flyte: Plugin, world: World) -> None:
    flyte.check(SECRET, "key", KEY)
    world.fail_apps = f"cannot log in with {VALUE}"
    world.logs = [f"line {spelling}" for spelling in SPELLINGS]
    with pytest.raises(PartialFailure) as caught:
        flyte.create(APP, "web", WEB)
    (reason,) = caught.value.reasons
    assert "cannot log in with ***" in reason
    assert reason.count("line ***") == len(SPELLINGS)
    for spelling in SPELLINGS:
        assert spelling not in reason
    assert caught.value.outputs["name"] == "web", "what is no message stays as it is"


@pytest.mark.parametrize("last", ["Read", "Update", "Delete", "Diff"])
def test_values_that_only_state_knows_are_hidden_too(flyte: Plugin, next_run: Plugin, world: World, last: str) -> None:
    id, outputs = flyte.create(SECRET, "key", KEY)
    new = {**KEY, "value": Secret("an0ther-one")}
    if last == "Read":
        next_run.read(SECRET, "key", id, outputs, outputs)
    elif last == "Update":
        next_run.update(SECRET, "key", id, outputs, outputs, new)
    elif last == "Diff":
        next_run.diff(SECRET, "key", id, outputs, outputs, new)
    else:
        next_run.delete(SECRET, "key", id, outputs)
    world.fail_apps = f"still has {VALUE}"
    with pytest.raises(PartialFailure) as caught:
        next_run.create(APP, "web", WEB)
    assert "still has ***" in caught.value.reasons[0]


def test_a_refusal_that_quotes_a_value_does_not_show_it(flyte: Plugin, world: World) -> None:
    world.faults["Secret.UpdateSecret"] = [ConnectError(Code.INVALID_ARGUMENT, f"bad value {VALUE}")]
    with pytest.raises(PluginError, match=r"bad value \*\*\*$"):
        flyte.create(SECRET, "key", KEY)


def test_a_check_does_not_show_a_value_that_was_copied_into_a_spec(flyte: Plugin) -> None:
    flyte.check(SECRET, "key", KEY)
    (problem,) = flyte.failures(APP, "web", {**WEB, "health": {"path": VALUE}})
    assert VALUE not in problem
    assert "***" in problem


def test_messages_to_the_terminal_do_not_show_a_value() -> None:
    redactor = Redactor()
    redactor.remember(VALUE)
    sent: list[str] = []
    log = engine_log.EngineLog("nowhere", redactor)
    log._stub = type("Stub", (), {"Log": lambda self, request, timeout: sent.append(request.message)})()
    log.info("urn", f"it says {VALUE}")
    log.warning("urn", f"it warns of {VALUE}")
    assert sent == ["it says ***", "it warns of ***"]
