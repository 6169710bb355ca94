"""A secret's value is hidden in every text, however it is written."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte_provider.messages.redaction import Redactor
from pulumi_flyte_provider.plugin import catalogue
from pulumi_flyte_provider.plugin.schema import package_schema
from pulumi_flyte_provider.properties.values import UNKNOWN, Secret

from tests.provider.messages.spellings import SPELLINGS, VALUE

PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\nab\n-----END KEY-----\n"


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


def test_every_secret_property_of_a_resource_is_hidden() -> None:
    for token in catalogue.TOKENS:
        resource = package_schema()["resources"][token]
        properties = {**resource["inputProperties"], **resource["properties"]}
        # The key of versions is in no message and in no program.
        for key in {key for key, schema in properties.items() if schema.get("secret")} - {"versionKey"}:
            redactor = Redactor()
            redactor.learn(token, {key: Secret(VALUE)})
            assert redactor.clean(VALUE) == "***", f"{token}.{key}"
