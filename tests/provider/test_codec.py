"""Property values: what the engine sends is what we understand, and back."""

from __future__ import annotations

from typing import Any

from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte_provider.properties.codec import decode, encode
from pulumi_flyte_provider.properties.difference import compare
from pulumi_flyte_provider.properties.json_merge import merged, remainder
from pulumi_flyte_provider.properties.paths import secret_paths
from pulumi_flyte_provider.properties.placeholders import Placeholders, restore
from pulumi_flyte_provider.properties.values import UNKNOWN, Secret, conceal, has_unknown, reveal

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
marked = st.recursive(
    st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=20) | st.just(UNKNOWN) | st.text().map(Secret),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), marked, max_size=4))
def test_every_tree_survives_the_wire(tree: dict[str, Any]) -> None:
    assert decode(encode(tree)) == tree


@given(st.dictionaries(st.text(max_size=8), marked, max_size=4))
def test_secrets_are_put_back_where_they_were(tree: dict[str, Any]) -> None:
    assert conceal(reveal(tree), tree) == tree
    assert secret_paths(reveal(tree)) == []


@given(st.dictionaries(st.text(max_size=8), marked, max_size=4))
def test_a_tree_differs_from_itself_only_where_it_is_unknown(tree: dict[str, Any]) -> None:
    assert bool(compare(tree, tree)) == has_unknown(tree)


@given(plain, plain)
def test_what_is_left_over_completes_the_part(whole: Any, part: Any) -> None:
    left = remainder(whole, part)
    if isinstance(whole, dict) and isinstance(part, dict) and set(part) <= set(whole):
        again = merged(part, left) if left is not None else part
        assert remainder(whole, again) is None


def test_output_values_are_their_values() -> None:
    struct = struct_pb2.Struct()
    struct.update(
        {
            "known": {"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": 2},
            "unknown": {"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4"},
            "hidden": {
                "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4",
                "value": "x",
                "secret": True,
            },
        }
    )
    assert decode(struct) == {"known": 2, "unknown": UNKNOWN, "hidden": Secret("x")}


def test_a_secret_prints_as_stars() -> None:
    assert "hidden" not in f"{Secret('hidden')} {Secret('hidden')!r}"


@given(st.text(max_size=30), st.from_regex(r"[a-z0-9.-]{1,20}", fullmatch=True))
def test_filled_placeholders_come_back_as_they_were_written(text: str, version: str) -> None:
    digest = "ab" * 32
    values = Placeholders(bundle_url=f"s3://b/p/{digest}.tgz", version=version)
    written = f"{text.replace('{', '')} {{{{bundle}}}} {{{{version}}}}"
    assert restore(values.fill(written), written, bundle=digest, version=version) == written
