"""Long lists in pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flyte_local.console.rendering import View
from flyte_local.console.requests import PageRequest
from flyte_local.web.paths import with_query

SIZE = 50
_Item = TypeVar("_Item")
_Row = TypeVar("_Row")


@dataclass(frozen=True)
class Paged(Generic[_Item]):
    """One page of a list. `previous` and `following` are addresses, or ''."""

    items: Sequence[_Item]
    count: int
    position: str
    several: bool
    previous: str
    following: str

    def map(self, row: Callable[[_Item], _Row]) -> Paged[_Row]:
        """Return the page with a row for each of its items."""
        rows = [row(item) for item in self.items]
        return Paged(rows, self.count, self.position, self.several, self.previous, self.following)


def list_view(
    request: PageRequest, kind: str, items: Sequence[_Item], row: Callable[[_Item], object] | None = None
) -> View:
    """Return the page that lists all things of one kind. Only what is on the page is made a `row`."""
    paged = paginate(items, request.page_number, f"{request.scope.path}/{kind}")
    return View(kind, request.title(kind), paged if row is None else paged.map(row), request.scope, kind)


def paginate(
    items: Sequence[_Item], page: int, path: str, parameters: Mapping[str, object] | None = None
) -> Paged[_Item]:
    """Return a page of a list. `parameters` are those of the list's address besides the page."""
    count = len(items)
    first, last = (page - 1) * SIZE + 1, min(page * SIZE, count)
    return Paged(
        items=items[(page - 1) * SIZE : page * SIZE],
        count=count,
        position=f"{first} to {last} of {count}" if first <= last else f"Nothing here: there are {count}",
        several=count > SIZE or page > 1,
        previous=with_query(path, {**(parameters or {}), "page": page - 1}) if page > 1 else "",
        following=with_query(path, {**(parameters or {}), "page": page + 1}) if last < count else "",
    )
