"""Filters, order and pages of Flyte's list requests, over rows of plain values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import TypeVar

from flyteidl2.common.list_pb2 import Filter, ListRequest, Sort

from flyte_local.wire.identifiers import invalid

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000

Value = str | int | float
Row = Mapping[str, Value]
_T = TypeVar("_T")


def page(rows: Sequence[tuple[Row, _T]], request: ListRequest) -> tuple[list[_T], str]:
    """Return the requested page of the rows that pass every filter, and the token of the next page ('' after the last).

    Rows come oldest first. If the request has no order, the newest row is first, as in Flyte.
    Raises INVALID_ARGUMENT for an invalid token, filter value or sort key.
    """
    matching = [pair for pair in rows if all(matches(pair[0], item) for item in request.filters)]
    orders = [s for s in [*request.sort_by_fields, request.sort_by] if s.key] or [
        Sort(key="created_at", direction=Sort.DESCENDING)
    ]
    for order in reversed(orders):
        matching.sort(key=_sorter(order.key), reverse=order.direction == Sort.DESCENDING)
    start = _offset(request.token)
    end = start + min(request.limit or DEFAULT_LIMIT, MAX_LIMIT)
    return [item for _, item in matching[start:end]], str(end) if end < len(matching) else ""


def matches(row: Row, item: Filter) -> bool:
    """Return whether a row passes one filter. A field that the row does not have passes only 'not' filters."""
    if item.function == Filter.EXISTS:
        return item.field in row
    if item.function == Filter.NOT_EXISTS:
        return item.field not in row
    test = _TESTS.get(item.function)
    if test is None:
        has_name = item.function in Filter.Function.values()
        name = Filter.Function.Name(item.function) if has_name else f"the function {item.function}"
        raise invalid(f"filters with {name} are not supported")
    if item.field not in row:
        return item.function in _NEGATIVE
    value = row[item.field]
    return test(value, [_like(value, text, item.field) for text in item.values])


def parse_filters(text: str) -> list[Filter]:
    """Return the filters in a text such as `eq(state,0)+contains(name,foo)`.

    Raises INVALID_ARGUMENT for other texts.
    """
    filters = []
    for expression in filter(None, text.strip().split("+")):
        match = _EXPRESSION.fullmatch(expression.strip())
        function = _FUNCTIONS.get(match["function"].lower()) if match else None
        if match is None or function is None:
            raise invalid(f"{expression!r} is not a filter: write eq(field,value), ne, contains or value_in(field,a;b)")
        values = match["value"].split(";") if function == Filter.VALUE_IN else [match["value"]]
        filters.append(Filter(function=function, field=match["field"], values=[value.strip() for value in values]))
    return filters


def _like(value: Value, text: str, field: str) -> Value:
    """Return the text of a filter in the type of the row's value. A number may be written as an ISO 8601 time."""
    if isinstance(value, str):
        return text
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise invalid(f"the filter on {field!r} has the value {text!r}: use a number or an ISO 8601 time") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def _sorter(key: str) -> Callable[[tuple[Row, object]], tuple[bool, str, float]]:
    def sort_key(pair: tuple[Row, object]) -> tuple[bool, str, float]:
        value = pair[0].get(key, "")
        return (isinstance(value, str), value, 0.0) if isinstance(value, str) else (False, "", float(value))

    return sort_key


def _offset(token: str) -> int:
    if token and not (token.isascii() and token.isdigit() and len(token) < 12):
        raise invalid(f"{token!r} is not a page token that this server gave out")
    return int(token or 0)


# flyteorg/flyte, runs/repository/impl/string_filters.go
_EXPRESSION = re.compile(r"(?P<function>\w+)\s*\(\s*(?P<field>\w+)\s*,(?P<value>.*)\)", re.DOTALL)
_FUNCTIONS = {
    "eq": Filter.EQUAL,
    "ne": Filter.NOT_EQUAL,
    "contains": Filter.CONTAINS,
    "value_in": Filter.VALUE_IN,
}
_NEGATIVE = frozenset({Filter.NOT_EQUAL, Filter.VALUE_NOT_IN, Filter.NOT_ENDS_WITH})
_TESTS: dict[int, Callable[[Value, list[Value]], bool]] = {
    Filter.EQUAL: lambda value, operands: value in operands,
    Filter.NOT_EQUAL: lambda value, operands: value not in operands,
    Filter.VALUE_IN: lambda value, operands: value in operands,
    Filter.VALUE_NOT_IN: lambda value, operands: value not in operands,
    Filter.GREATER_THAN: lambda value, operands: any(value > w for w in operands),  # type: ignore[operator]
    Filter.GREATER_THAN_OR_EQUAL: lambda value, operands: any(value >= w for w in operands),  # type: ignore[operator]
    Filter.LESS_THAN: lambda value, operands: any(value < w for w in operands),  # type: ignore[operator]
    Filter.LESS_THAN_OR_EQUAL: lambda value, operands: any(value <= w for w in operands),  # type: ignore[operator]
    Filter.CONTAINS: lambda value, operands: any(str(w) in str(value) for w in operands),
    Filter.CONTAINS_CASE_INSENSITIVE: lambda value, operands: any(
        str(w).lower() in str(value).lower() for w in operands
    ),
    Filter.ENDS_WITH: lambda value, operands: any(str(value).endswith(str(w)) for w in operands),
    Filter.NOT_ENDS_WITH: lambda value, operands: not any(str(value).endswith(str(w)) for w in operands),
}
