"""No output contains a secret value, in any form in which a program may write it."""

from __future__ import annotations

import base64
import json
import random
import re
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import quote, quote_plus

import pytest
from pulumi_flyte_review.commands.reporting import rendered
from pulumi_flyte_review.model.exports import ExportChange
from pulumi_flyte_review.model.preview import SECRET, Diagnostic, PolicyViolation
from pulumi_flyte_review.model.reason import (
    ArgumentReason,
    DriftReason,
    PropertyReason,
    Reason,
    SecretReason,
)
from pulumi_flyte_review.model.report import Change, ContractBreak, Others, Report
from pulumi_flyte_review.rendering.masking import Masks
from pulumi_flyte_review.rendering.secret_forms import SHORTEST, is_word

FORMS: dict[str, Callable[[str], str]] = {
    "plain": lambda secret: secret,
    "within": lambda secret: f"postgres://admin:{secret}@db/shop",
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 within": lambda secret: base64.b64encode(f"admin:{secret}@db".encode()).decode(),
    "base64 for URLs": lambda secret: base64.urlsafe_b64encode(f"a:{secret}".encode()).decode(),
    "hex": lambda secret: secret.encode().hex(),
    "HEX": lambda secret: secret.encode().hex().upper(),
    "url": lambda secret: quote(secret, safe=""),
    "url form": quote_plus,
    "reversed": lambda secret: secret[::-1],
    "JSON": lambda secret: json.dumps({"key": secret}),
    "JSON of JSON": lambda secret: json.dumps(json.dumps({"key": secret})),
    "repr": repr,
    "last line": lambda secret: secret.splitlines()[-1] if secret.splitlines() else secret,
}
ALPHABETS = (
    string.ascii_letters + string.digits,
    string.ascii_letters + string.digits + "+/=_-",
    string.printable.strip() + " ",
    string.ascii_letters + "äöüßΩ漢字🔑",
    string.ascii_letters + "\"'\\`*_[]|<>&%\t",
)


def secrets(count: int, seed: int = 1) -> Iterator[str]:
    """Yield values as people have them: tokens, passwords, keys of several lines, documents."""
    dice = random.Random(seed)
    for index in range(count):
        alphabet = ALPHABETS[index % len(ALPHABETS)]
        lines = ["".join(dice.choices(alphabet, k=dice.randint(12, 60))).strip() for _ in range(1 + index % 7 // 5 * 3)]
        yield "\n".join(lines)


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
        PropertyReason(f"App {text}", "env", text, {text: text}),
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
            named = output.count("another value") if kind != "json" else output.count('"secret": "api-key"')
            assert named == len(FORMS), "each changed secret is named"


KINDS = ("markdown", "text", "json")


def test_no_form_of_a_secret_is_in_any_output() -> None:
    check(60, 1, KINDS)


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
        others=Others({"update": 1234}, {"update": ("aws:s3:Bucket logs",)}),
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


@pytest.mark.parametrize("secret", ["hunter22", "mixedCase", "a-s3cret", "12345678", "averylongword", "pa$$"])
def test_a_value_that_is_no_word_is_masked_in_names_as_well(secret: str) -> None:
    assert not is_word(secret)
    change = Change("app", f"web-{secret}", "urn", "update")
    assert Masks([secret]).value(change) == replace(change, name=f"web-{SECRET}")
