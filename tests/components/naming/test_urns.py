from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.naming.urns import STACK, Urn, is_stack, urn_of

names = st.text("abc-_.", min_size=1, max_size=8)
types = st.lists(st.builds("{}:{}:{}".format, names, names, names), min_size=1, max_size=3).map("$".join)


@given(names, names, types, st.text())
def test_a_urn_is_read_as_it_was_written_whatever_the_name_is(stack: str, project: str, kinds: str, name: str) -> None:
    urn = Urn(stack, project, kinds, name)
    assert Urn.parse(str(urn)) == urn
    assert [*urn.parents, urn.type] == kinds.split("$")


def test_a_name_may_contain_the_delimiter() -> None:
    urn = Urn.parse("urn:pulumi:dev::shop::flyte:index:App$flyte:api:App::team::web::v2")
    assert (urn.stack, urn.project, urn.type, urn.name) == ("dev", "shop", "flyte:api:App", "team::web::v2")
    assert urn.title == "App team::web::v2"
    child = Urn.below(str(urn), "dev", "shop", "aws:s3:Bucket", "a::b")
    assert str(child) == "urn:pulumi:dev::shop::flyte:index:App$flyte:api:App$aws:s3:Bucket::a::b"


def test_the_stack_is_in_no_urn_of_its_resources() -> None:
    stack = str(Urn("dev", "shop", STACK, "shop-dev"))
    assert Urn.below(stack, "dev", "shop", "a:b:C", "x") == Urn.below("", "dev", "shop", "a:b:C", "x")
    assert is_stack(stack)
    assert not is_stack(f"urn:pulumi:dev::shop::a:b:C::x::{STACK}::y")


@pytest.mark.parametrize("text", ["", "web", "urn:pulumi:dev::shop::a:b:C", "urn:web", "dev::shop::a:b:C::x"])
def test_any_other_text_is_no_urn(text: str) -> None:
    assert urn_of(text) is None
    assert not is_stack(text)
    with pytest.raises(ValueError, match="is not a Pulumi URN"):
        Urn.parse(text)
