from __future__ import annotations

import pytest
from connectrpc.errors import ConnectError
from flyte_local.wire.listing import Row, matches, page, parse_filters
from flyteidl2.common.list_pb2 import Filter, ListRequest, Sort
from hypothesis import given
from hypothesis import strategies as st

ROWS = st.lists(st.fixed_dictionaries({"name": st.text("abc", max_size=3), "created_at": st.integers(0, 9)}))


@given(ROWS, st.integers(1, 5), st.sampled_from(["name", "created_at", ""]), st.booleans())
def test_pages_put_together_are_the_whole_in_order(rows: list[Row], limit: int, key: str, up: bool) -> None:
    request = ListRequest(limit=limit)
    if key:
        request.sort_by.key, request.sort_by.direction = key, Sort.ASCENDING if up else Sort.DESCENDING
    pairs = [(row, number) for number, row in enumerate(rows)]
    numbers: list[int] = []
    while True:
        part, request.token = page(pairs, request)
        assert len(part) <= limit
        numbers += part
        if not request.token:
            break
    assert sorted(numbers) == list(range(len(rows)))
    values = [rows[number][key or "created_at"] for number in numbers]
    assert values == sorted(values, reverse=not (up and key))


@pytest.mark.parametrize(
    ("function", "field", "values", "passes"),
    [
        (Filter.EQUAL, "name", ["words.count"], True),
        (Filter.EQUAL, "name", ["other"], False),
        (Filter.EQUAL, "nothing", ["x"], False),
        (Filter.NOT_EQUAL, "nothing", ["x"], True),
        (Filter.VALUE_IN, "phase", ["4", "5"], True),
        (Filter.CONTAINS, "name", ["words."], True),
        (Filter.CONTAINS_CASE_INSENSITIVE, "name", ["COUNT"], True),
        (Filter.ENDS_WITH, "name", [".count"], True),
        (Filter.EXISTS, "labels.team", [], True),
        (Filter.NOT_EXISTS, "labels.team", [], False),
        (Filter.GREATER_THAN_OR_EQUAL, "created_at", ["2026-01-01T00:00:00+00:00"], True),
        (Filter.LESS_THAN, "created_at", ["1767225600"], False),
    ],
)
def test_filters(function: Filter.Function, field: str, values: list[str], passes: bool) -> None:
    row: Row = {"name": "words.count", "phase": "5", "labels.team": "a", "created_at": 1767225600.0}
    assert matches(row, Filter(function=function, field=field, values=values)) is passes


def test_a_time_that_is_none_is_refused_with_the_value_seen() -> None:
    with pytest.raises(ConnectError, match="'yesterday'"):
        matches({"created_at": 1.0}, Filter(function=Filter.LESS_THAN, field="created_at", values=["yesterday"]))


@given(st.text(max_size=11) | st.text("0123456789", max_size=11))
def test_any_token_is_a_page_or_a_clear_error(token: str) -> None:
    if token == "" or (token.isascii() and token.isdigit()):
        page([({"created_at": 1}, 1)], ListRequest(token=token))
        return
    with pytest.raises(ConnectError, match="page token"):
        page([({"created_at": 1}, 1)], ListRequest(token=token))


def test_filters_as_a_text() -> None:
    filters = parse_filters("eq(state,0)+contains(name,a, b) + value_in(id,x;y)")
    assert [(f.function, f.field, list(f.values)) for f in filters] == [
        (Filter.EQUAL, "state", ["0"]),
        (Filter.CONTAINS, "name", ["a, b"]),
        (Filter.VALUE_IN, "id", ["x", "y"]),
    ]
    assert parse_filters("") == []
    for wrong in ("eq(state)", "like(name,a)", "name=a", "eq(name,a"):
        with pytest.raises(ConnectError, match="is not a filter"):
            parse_filters(wrong)
