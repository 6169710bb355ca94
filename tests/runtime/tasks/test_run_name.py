"""One key, one name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from flyte_runtime.tasks.run_name import keyed_run_name, random_run_name
from hypothesis import given
from hypothesis import strategies as st

LABEL = re.compile(r"[a-z]([-a-z0-9]{0,28}[a-z0-9])?")
plain: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.text(), st.dictionaries(st.text(min_size=1), plain, max_size=4))
def test_a_name_is_a_dns_label_and_depends_on_nothing_but_its_arguments(key: str, inputs: dict[str, Any]) -> None:
    name = keyed_run_name(key, "p/d/t", inputs)
    assert LABEL.fullmatch(name)
    assert len(name) <= 30
    reordered = dict(reversed(list(inputs.items())))
    assert keyed_run_name(key, "p/d/t", reordered) == name


@given(st.text(), st.text(), plain, plain)
def test_other_keys_and_other_inputs_are_other_runs(key: str, other: str, one: Any, two: Any) -> None:
    if key != other:
        assert keyed_run_name(key, "t", {"x": one}) != keyed_run_name(other, "t", {"x": one})
    if repr(one) != repr(two) and one != two:
        assert keyed_run_name(key, "t", {"x": one}) != keyed_run_name(key, "t", {"x": two})


class Colour(Enum):
    RED = "red"


@dataclass
class Point:
    x: int


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a", "b"}, {"b", "a"}),
        (Point(1), Point(1)),
        (Colour.RED, Colour.RED),
        (Path("/a"), Path("/a")),
        (datetime(2026, 1, 1, tzinfo=timezone.utc), datetime(2026, 1, 1, tzinfo=timezone.utc)),
        (timedelta(seconds=1), timedelta(milliseconds=1000)),
        ({1: "a", 2: "b"}, {2: "b", 1: "a"}),
        ((1, 2), [1, 2]),
    ],
)
def test_equal_values_give_equal_names(one: Any, other: Any) -> None:
    assert keyed_run_name("k", "t", {"x": one}) == keyed_run_name("k", "t", {"x": other})


def test_a_name_is_the_same_in_every_version_of_this_library() -> None:
    # A delivery that is repeated across a deployment of the caller must still be the run it was.
    assert keyed_run_name("delivery-1", "p/d/ml.train", {"epochs": 3}) == "kurdx5vtpg66sp6jctkt27wet23"


def test_what_has_no_canonical_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no canonical form"):
        keyed_run_name("k", "t", {"x": object()})


def test_random_names_are_labels_and_differ() -> None:
    names = {random_run_name() for _ in range(1000)}
    assert len(names) == 1000
    assert all(LABEL.fullmatch(name) and len(name) <= 30 for name in names)
