"""HTML for the console, so that nothing gets into a page unescaped: text is escaped unless it is `Html` already."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import quote

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#222;background:#fff}
table{border-collapse:collapse;width:100%;overflow-wrap:anywhere}
td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #ddd}
pre{background:#f5f5f5;padding:1rem;overflow:auto;font-size:13px}
.active,.succeeded{color:#067d32}.failed,.timed_out,.aborted{color:#b3261e}
@media(prefers-color-scheme:dark){body{background:#161616;color:#ddd}pre{background:#222}td,th{border-color:#333}a{color:#8ab4f8}}
"""


class Html(str):
    """Markup that is ready for a page."""


def html(content: object) -> Html:
    """Any text as markup."""
    return content if isinstance(content, Html) else Html(escape(str(content)))


def join(parts: Iterable[object]) -> Html:
    """Parts one after another."""
    return Html("".join(map(html, parts)))


def link(path: str, label: object) -> Html:
    """A link to a path of this server, or to an address with a scheme."""
    return Html(f"<a href='{escape(quote(path, safe='/:#?=&'))}'>{html(label)}</a>")


def phase(name: str) -> Html:
    """A phase in its colour."""
    return Html(f"<span class='{escape(name)}'>{escape(name)}</span>")


def section(title: str, body: object) -> Html:
    """A heading and what is below it."""
    return Html(f"<h2>{html(title)}</h2>{html(body)}")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Html:
    """Rows of cells; a sentence where there are none."""
    lines = join(Html(f"<tr>{join(Html(f'<td>{html(cell)}</td>') for cell in row)}</tr>") for row in rows)
    if not lines:
        return Html("<p>None yet.</p>")
    return Html(f"<table><tr>{join(Html(f'<th>{html(name)}</th>') for name in head)}</tr>{lines}</table>")


def facts(rows: Iterable[tuple[str, object]]) -> Html:
    """Names and values."""
    cells = join(Html(f"<tr><th>{html(name)}</th><td>{html(value)}</td></tr>") for name, value in rows)
    return Html(f"<table>{cells}</table>")


def preformatted(lines: Iterable[str]) -> Html:
    """Lines of output."""
    return Html(f"<pre>{html(chr(10).join(lines))}</pre>")


def moment(at: float) -> str:
    """Unix seconds in this machine's time; nothing for 0."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)) if at else ""


def page(title: str, body: Html) -> bytes:
    """A whole page."""
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html(title)}</title>"
        f"<style>{_STYLE}</style><h1>{html(title)}</h1>{body}</html>"
    ).encode()
