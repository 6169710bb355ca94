"""No output contains a secret value, in any form in which a program may write it."""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import quote, quote_plus

import pytest
from pulumi_flyte.notation.engine_marks import SECRET
from pulumi_flyte.redaction.forms import SHORTEST
from pulumi_flyte_review.commands.reporting import rendered
from pulumi_flyte_review.model.exports import ExportChange
from pulumi_flyte_review.model.preview import Diagnostic, PolicyViolation
from pulumi_flyte_review.model.reason import (
    ArgumentReason,
    DriftReason,
    PropertyReason,
    Reason,
    SecretReason,
)
from pulumi_flyte_review.model.report import Change, ContractBreak, Report
from pulumi_flyte_review.rendering.masking import Masks, is_word

from tests.components.redaction.spellings import SPELLINGS, secrets

# A value alone, in every spelling, and with other text around it.
FORMS: dict[str, Callable[[str], str]] = {
    **SPELLINGS,
    "within": lambda secret: f"postgres://admin:{secret}@db/shop",
    "base64 within": lambda secret: base64.b64encode(f"admin:{secret}@db".encode()).decode(),
    "base64 for URLs within": lambda secret: base64.urlsafe_b64encode(f"a:{secret}".encode()).decode(),
    "base32 within": lambda secret: base64.b32encode(f"a:{secret}!".encode()).decode(),
    "JSON document": lambda secret: json.dumps({"key": secret}),
    "JSON document in another": lambda secret: json.dumps(json.dumps({"key": secret})),
    "quoted for a shell": lambda secret: f"psql {shlex.quote(secret)}",
    "last line": lambda secret: secret.splitlines()[-1] if secret.splitlines() else secret,
}


def report_with(*texts: str) -> Report:
    """Return a report that has texts at each place where one can be."""
    return Report(
        "shop",
        "dev",
        changes=tuple(
            Change("app", "web", f"urn:{text}", "replace", reasons_with(text), replaced_because=(text,))
            for text in texts
        ),
        unchecked=texts,
        diagnostics=tuple(Diagnostic("warning", f"cannot connect to {text}: refused") for text in texts),
        policies=tuple(PolicyViolation("pack", "policy", text, mandatory=True) for text in texts),
    )


def reasons_with(text: str) -> tuple[Reason, ...]:
    return (
        ArgumentReason("env.DSN", None, text),
        ArgumentReason("env.DSN", {"nested": [text]}, "other"),
        DriftReason("env.DSN", text, text),
        PropertyReason("env", f"App {text}", text, {text: text}),
        SecretReason("api-key"),
    )


def cores(secret: str) -> Iterator[str]:
    """Yield what must not be in an output: the value and its lines, in each encoding, without what is around it."""
    for part in {secret, *secret.splitlines()}:
        if len(part) < 12:
            continue
        raw = part.encode()
        yield from (part, part[::-1], raw.hex(), quote(part, safe=""), quote_plus(part), json.dumps(part)[1:-1])
        for shift in range(3):
            yield base64.b64encode(b"\0" * shift + raw).decode()[4:-4]
        for shift in range(5):
            yield base64.b32encode(b"\0" * shift + raw).decode()[8:-8]


def leaks(secret: str, output: str) -> list[str]:
    """Return what of a value is in an output, and what says most of it. Neither line breaks nor escapes hide it."""
    text = without_layout(output)
    plain = [without_layout(core) for core in cores(secret)]
    return [core for core in plain if core[: len(core) * 2 // 3] in text or core[len(core) // 3 :] in text]


def without_layout(text: str) -> str:
    return re.sub(r"[\s\\]", "", text).lower()


def check(count: int, seed: int, kinds: Sequence[str]) -> None:
    """Check generated values, each in some of the formats."""
    for index, secret in enumerate(secrets(count, seed)):
        masked = Masks([secret]).value(report_with(*(form(secret) for form in FORMS.values())))
        for kind in kinds if count < 100 else [kinds[index % len(kinds)]]:
            output = rendered(masked, kind, colour=False)
            assert not leaks(secret, output), f"{kind}: {secret!r}"
            number = output.count("another value") if kind != "json" else output.count('"secret": "api-key"')
            assert number == len(FORMS), "each changed secret is named"


KINDS = ("markdown", "text", "json")


def test_no_form_of_a_secret_is_in_any_output() -> None:
    check(10, 1, KINDS)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_no_form_of_two_thousand_secrets_is_in_any_output() -> None:
    check(2000, 2, KINDS)


def test_a_value_is_masked_before_it_is_cut() -> None:
    secret = "x" * 200
    output = rendered(Masks([secret]).value(report_with(f"key={secret}")), "markdown", colour=False)
    assert "xxx" not in output
    assert SECRET.replace("[", "\\[").replace("]", "\\]") in output or SECRET in output


def test_a_number_that_is_a_secret_is_masked() -> None:
    assert Masks(["12345678"]).value(ArgumentReason("port", 12345678, 1)) == ArgumentReason("port", SECRET, 1)


def test_words_that_are_too_short_to_be_told_apart_stay() -> None:
    text = "the app web"
    assert Masks(["a" * (SHORTEST - 1), ""]).text(text) == text
    assert replace(report_with("x"), token="t") == Masks([]).value(replace(report_with("x"), token="t"))


@pytest.mark.parametrize("secret", ["replace", "update", "secret", "environment", "date", "1234"])
@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_secret_that_is_a_word_or_number_of_the_report_hides_no_change(secret: str, form: str) -> None:
    report = Report(
        "shop",
        "dev",
        changes=(Change("secret", "web", "urn", "replace"), Change("environment", "all", "urn", "update")),
        contracts=(ContractBreak("app a", "app b", "GET /", "it is gone", "a.py", 1234),),
        others={"update": ("aws:s3:Bucket logs",)},
        token="r1.a1234",
    )
    text = rendered(report, form, colour=False)
    assert rendered(Masks([secret]).value(report), form, colour=False) == text


def test_letters_that_grow_when_they_are_small_keep_the_places() -> None:
    assert Masks(["GÜRSUİzz"]).text("İİ gürsuİZZ İ") == "İİ [secret] İ"


def test_the_longest_of_several_values_is_masked_first() -> None:
    assert Masks(["hunter", "hunter22", "22-and-more"]).text("a hunter22-and-more hunter2") == (
        "a [secret]-and-more [secret]2"
    )


@pytest.mark.parametrize("secret", ["backend", "password", "Gone", "operation", "main", "8080", "prod1"])
def test_a_common_word_is_masked_in_values_and_messages_and_not_in_names(secret: str) -> None:
    """A name is in the program's code. To mask a word there tells everybody that it is the secret."""
    name = f"{secret.lower()}-api"
    report = Report(
        "shop",
        "dev",
        changes=(
            Change("app", name, f"urn:{name}", "update", (ArgumentReason(f"env.{secret}", None, f"x:{secret}@db"),)),
        ),
        contracts=(ContractBreak(f"app {name}", "app b", "GET /backend", "the operation is gone", "main.py", 8080),),
        exports=(ExportChange(name, "update", secret, {secret: secret}),),
        diagnostics=(Diagnostic("warning", f"cannot log in with {secret}", f"urn:{name}"),),
    )
    masked = Masks([secret]).value(report)
    (change,) = masked.changes
    assert (change.name, change.urn) == (name, f"urn:{name}")
    assert change.reasons == (ArgumentReason(f"env.{secret}", None, f"x:{SECRET}@db"),)
    assert masked.contracts == report.contracts
    assert masked.exports == (ExportChange(name, "update", SECRET, {secret: SECRET}),)
    assert masked.diagnostics == (Diagnostic("warning", f"cannot log in with {SECRET}", f"urn:{name}"),)


@pytest.mark.parametrize(
    ("sentence", "masked"),
    [
        ('body field size no longer takes "backend"', 'body field size no longer takes "[secret]"'),
        ('body takes "a", "backend" or 3 only', 'body takes "a", "[secret]" or 3 only'),
        ('body has the pattern "x\\"backend" instead of none', 'body has the pattern "x\\"[secret]" instead of none'),
        (
            'query parameter q is {"a": ["backend"]} instead of 1',
            'query parameter q is {"a": ["[secret]"]} instead of 1',
        ),
        ("body has the maximum 8080 instead of 9090", "body has the maximum [secret] instead of 9090"),
        (
            "body is [8080, 1] instead of null where it is left out",
            "body is [[secret], 1] instead of null where it is left out",
        ),
        ("body field backend is gone from the response", "body field backend is gone from the response"),
        (
            "app backend calls app b, whose API changes at backend.py:8080",
            "app backend calls app b, whose API changes at backend.py:8080",
        ),
        ('body field an"odd name no longer takes "backend"', 'body field an"odd name no longer takes "[secret]"'),
    ],
)
def test_common_word_in_a_sentence_about_a_contract_is_masked_where_it_is_a_value(sentence: str, masked: str) -> None:
    problem = ContractBreak("app backend", "app b", "GET /backend", sentence, "backend.py", 8080)
    report = Report("shop", "dev", contracts=(problem,), unchecked=(sentence,))
    expected = replace(report, contracts=(replace(problem, problem=masked),), unchecked=(masked,))
    assert Masks(["backend", "8080"]).value(report) == expected


@pytest.mark.parametrize("secret", ["hunter22", "mixedCase", "a-s3cret", "12345678", "averylongword", "pa$$"])
def test_a_value_that_is_no_word_is_masked_in_names_as_well(secret: str) -> None:
    assert not is_word(secret)
    change = Change("app", f"web-{secret}", "urn", "update")
    assert Masks([secret]).value(change) == replace(change, name=f"web-{SECRET}")
