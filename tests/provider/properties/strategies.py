"""Property values for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st
from pulumi_flyte_provider.properties.values import UNKNOWN, Properties, Secret

VALUES = st.recursive(
    st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=20) | st.just(UNKNOWN) | st.text().map(Secret),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
PROPERTIES: st.SearchStrategy[Properties] = st.dictionaries(st.text(max_size=8), VALUES, max_size=4)
