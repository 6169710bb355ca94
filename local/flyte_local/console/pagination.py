"""Long lists of the console in pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from flyte_local.web.html import Html, join, link, query, tag

SIZE = 50
_T = TypeVar("_T")


def number(text: str) -> int:
    """A page's number out of a query; the first for anything else."""
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 9 else 1


def cut(items: Sequence[_T], page: int) -> Sequence[_T]:
    """The items of a page."""
    return items[(page - 1) * SIZE : page * SIZE]


def pages(path: str, given: Mapping[str, object], page: int, count: int) -> Html:
    """Where in the list this is, and the ways on and back; nothing where everything is on one page."""
    if count <= SIZE and page == 1:
        return Html()
    first, last = (page - 1) * SIZE + 1, min(page * SIZE, count)
    where = f"{first} to {last} of {count}" if first <= last else f"Nothing here: there are {count}"
    before = link(query(path, {**given, "page": page - 1}), "Previous page") if page > 1 else Html()
    after = link(query(path, {**given, "page": page + 1}), "Next page") if last < count else Html()
    return tag("nav", join((tag("span", where), before, after)), class_="pages", aria_label="Pages")
