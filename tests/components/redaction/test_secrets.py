"""A secret value is masked completely, however a program writes it."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.redaction.secrets import SecretForms

from tests.components.redaction.spellings import SPELLINGS, secrets


@pytest.mark.parametrize("name", SPELLINGS)
def test_each_spelling_of_a_value_is_masked_to_its_last_sign(name: str) -> None:
    spelling = SPELLINGS[name]
    for secret in ["café", "pass-é", "it's", "é" * 9, *secrets(200, 3)]:
        text = f"see {spelling(secret)}, please"
        assert SecretForms([secret]).replaced(text, "***") == "see ***, please", f"{secret!r} as {spelling(secret)!r}"


@given(st.sampled_from(["b64encode", "urlsafe_b64encode", "b32encode"]), st.binary(max_size=9), st.binary(max_size=9))
def test_no_bit_of_a_value_is_left_within_an_encoded_text(encoding: str, before: bytes, after: bytes) -> None:
    """The masked text is the same for another value that differs in each bit."""
    one, other = "Uf3*Uf3*", "".join(chr(ord(char) ^ 0x7F) for char in "Uf3*Uf3*")
    masked = {
        SecretForms([secret]).replaced(
            getattr(base64, encoding)(before + secret.encode() + after).decode().rstrip("="), "***"
        )
        for secret in (one, other)
    }
    assert len(masked) == 1


@given(st.text(max_size=200))
def test_a_text_without_a_secret_stays(text: str) -> None:
    assert SecretForms(["0c2f1b7e-not-in-there"]).replaced(text, "***") == text


@given(st.text("ab%+\\u0039x&;#'\"\n ", max_size=60))
def test_any_escape_has_the_place_of_its_text(text: str) -> None:
    assert SecretForms(["s3cret!"]).replaced(f"{text} s3cret! {text}", "***").startswith(f"{text} ***")
