"""The marker of a secret: a secret whose name says who owns the one beside it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.naming import names
from pulumi_flyte_provider.resources.secret.marker import is_marker, is_marker_of, marked_owner, marker_name

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,20}", fullmatch=True)
OWNER = "shop/dev/flyte:index:Secret$flyte:api:Secret::api-key"


@given(NAMES, st.text(max_size=60), st.text(max_size=60))
def test_a_marker_is_its_owners_only(name: str, owner: str, other: str) -> None:
    marker = marker_name(name, owner, "0a1b2c3d")
    assert is_marker(marker, name)
    assert is_marker_of(marker, name, owner)
    assert is_marker_of(marker, name, other) == (owner == other)
    assert names.secret_name_problem(marker) is None


def test_a_person_can_read_the_owner_in_a_marker() -> None:
    assert marked_owner(marker_name("api-key", OWNER), "api-key") == "shop/dev/…::api-key"


def test_another_secret_is_no_marker() -> None:
    assert not is_marker("api-key-2", "api-key")
    assert not is_marker("api-key--prod", "api-key")
    assert not is_marker(marker_name("api-key", OWNER), "api")
