"""The stacks of a backend, and the one of them that was previewed."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi_flyte_review.engine.backend import Backend, StackState, full_name
from pulumi_flyte_review.engine.pulumi import Program
from pulumi_flyte_review.errors import EngineError
from pulumi_flyte_review.model.preview import Preview

PREVIEW = Preview("shop", "dev", ())


def backend(*names: str, unread: str | None = None) -> Backend:
    return Backend(tuple(StackState(name, ()) for name in names), {} if unread is None else {unread: "broken"})


def test_the_previewed_stack_is_found_by_its_short_name() -> None:
    program = Program(Path(), "dev")
    assert full_name(program, PREVIEW, backend("acme/shop/dev", "acme/shop/prod", "acme/shop2/dev")) == "acme/shop/dev"
    assert full_name(program, PREVIEW, backend("acme/web/dev", unread="acme/shop/dev")) == "acme/shop/dev"


def test_stacks_of_two_organizations_are_not_confused() -> None:
    both = backend("acme/shop/dev", "bob/shop/dev")
    assert full_name(Program(Path(), "bob/shop/dev"), PREVIEW, both) == "bob/shop/dev"
    with pytest.raises(EngineError, match="acme/shop/dev and bob/shop/dev are alike: name one in full with --stack"):
        full_name(Program(Path()), PREVIEW, both)


def test_a_stack_that_is_not_listed_is_an_error() -> None:
    with pytest.raises(EngineError, match="does not list the stack shop/dev"):
        full_name(Program(Path()), PREVIEW, backend("acme/web/dev"))
