"""HTML for pages, so that nothing gets into a page unescaped: text is escaped unless it is `Html` already.

No markup carries a style or a script: the pages' policy (console/page.py) would not let either of them count.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from urllib.parse import quote, urlencode


class Html(str):
    """Markup that is ready for a page."""


def html(content: object) -> Html:
    """Return any text as markup."""
    return content if isinstance(content, Html) else Html(escape(str(content)))


def join(parts: Iterable[object]) -> Html:
    """Return parts one after another."""
    return Html("".join(map(html, parts)))


def tag(element: str, content: object = "", /, **attributes: object) -> Html:
    """Return an element. An attribute that is None is left out; `class_` is `class`, other underscores are dashes."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{element}{given}>{html(content)}</{element}>")


def link(path: str, label: object, current: bool = False) -> Html:
    """Return a link to a path of this server, or to an address with a scheme. `current` marks the page that is shown."""
    return tag("a", label, href=address(path), aria_current="page" if current else None)


def address(path: str) -> str:
    """Return a path as links write it: names may have any character, queries are quoted already."""
    plain, mark, query = path.partition("?")
    return quote(plain, safe="/:#@", errors="replace") + mark + query


def query(path: str, given: Mapping[str, object]) -> str:
    """Return a path with those parameters that are not empty."""
    kept = {name: str(value) for name, value in given.items() if value not in ("", None)}
    return f"{path}?{urlencode(kept, errors='replace')}" if kept else path


def phase(name: str) -> Html:
    """Return a phase in its colour."""
    return tag("span", name.replace("_", " "), class_=f"phase {name}")


def section(title: str, body: object, more: object = "", id_: str | None = None) -> Html:
    """Return a heading, what goes beside it, and what is below it."""
    return join((tag("div", join((tag("h2", title, id=id_), html(more))), class_="head"), html(body)))


def table(head: Sequence[str], rows: Iterable[Sequence[object]], empty: object = "None yet.", label: str = "") -> Html:
    """Return rows of cells, the first of each being the row's name; a sentence where there are none."""
    lines = join(_row(head, row) for row in rows)
    if not lines:
        return tag("p", empty, class_="quiet")
    titles = join(tag("th", name, scope="col", role="columnheader") for name in head)
    heads = tag("thead", tag("tr", titles, role="row"), role="rowgroup")
    whole = tag("table", join((heads, tag("tbody", lines, role="rowgroup"))), role="table")
    return tag("div", whole, class_="wide", role="region", tabindex="0", aria_label=label or f"Table of {head[0]}")


def _row(head: Sequence[str], row: Sequence[object]) -> Html:
    """Return a row of a table.

    Its cells name their column, since on a narrow screen each cell stands on a line of its own.

    The roles say again what the elements are: a browser forgets it where a style makes them blocks.
    """
    first = tag("th", row[0], scope="row", role="rowheader")
    rest = (tag("td", cell, role="cell", data_label=name) for name, cell in zip(head[1:], row[1:], strict=True))
    return tag("tr", join((first, *rest)), role="row")


def facts(rows: Iterable[tuple[str, object]]) -> Html:
    """Return names and values; what is empty is left out."""
    shown = [(name, html(value)) for name, value in rows]
    return tag("dl", join(tag("div", join((tag("dt", name), tag("dd", value)))) for name, value in shown if value))


def preformatted(text: str, label: str, **attributes: object) -> Html:
    """Return text as it was written; it can be scrolled with the keyboard."""
    return tag("pre", text, role="region", tabindex="0", aria_label=label, **attributes)


def moment(at: float) -> Html:
    """Return unix seconds in this machine's time with its zone; nothing for 0."""
    if not at:
        return Html()
    local = time.localtime(at)
    machine = time.strftime("%Y-%m-%dT%H:%M:%S%z", local)
    return tag("time", time.strftime("%Y-%m-%d %H:%M:%S %Z", local), datetime=machine)


def plain_page(title: str, body: Html) -> bytes:
    """Return a whole page that needs nothing else of this server, as it is shown under an app's own address."""
    style = "body{font:15px/1.5 system-ui;max-width:44rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}"
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html(title)}</title><style>{style}</style>"
        f"<main><h1>{html(title)}</h1><p>{body}</p></main></html>"
    ).encode("utf-8", "replace")
