"""The answer of `pulumi-flyte consumers` for people."""

from __future__ import annotations

from pulumi_flyte_review.commands.consumers import text_of
from pulumi_flyte_review.consumers.exports import Export
from pulumi_flyte_review.consumers.uses import Use
from pulumi_flyte_review.engine.backend import Backend

NOBODY = Backend(stacks=(), unread={})


def test_a_name_steers_no_terminal() -> None:
    urn = "urn:pulumi:dev::shop::flyte:index:App::we\x1b[31mb"
    use = Use("acme/shop/dev", urn, "inputs.api", "acme/backend/dev", ("a\u202epi",), Export("app"))
    text = text_of([use], {}, NOBODY)
    assert text == (
        "acme/backend/dev is used by:\n"
        "  acme/shop/dev  App we\\u001b[31mb  inputs.api: a\\u202epi\n"
    )  # fmt: skip


def test_nobody_is_an_answer() -> None:
    assert text_of([], {}, NOBODY) == "Nobody uses an output of another stack. 0 stacks were read.\n"
