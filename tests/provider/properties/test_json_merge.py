"""The remainder of a message can be merged into it again."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte_provider.properties.json_merge import merged, remainder

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(plain, plain)
def test_what_is_left_over_completes_the_part(whole: Any, part: Any) -> None:
    left = remainder(whole, part)
    if isinstance(whole, dict) and isinstance(part, dict) and set(part) <= set(whole):
        again = merged(part, left) if left is not None else part
        assert remainder(whole, again) is None
