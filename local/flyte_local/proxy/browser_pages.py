"""The pages that a browser shows in place of an app: while it starts, and when it cannot answer or lets nobody in.

A page stands alone: it loads no other file of this server.
"""

from __future__ import annotations

from collections.abc import Iterable

from jinja2 import Environment
from starlette.types import Send

from flyte_local.web.asgi import Header, respond
from flyte_local.web.paths import address
from flyte_local.wire.app_key import AppKey

# A navigation waits this long for the app itself. Most apps start in this time, so the page does not flicker.
HOLD_PAGE_SECONDS = 1.0
NOT_STORED: Header = (b"cache-control", b"no-store")
_ASK_AGAIN: list[Header] = [(b"retry-after", b"1"), (b"refresh", b"1"), NOT_STORED]
_TEMPLATE = Environment(autoescape=True).from_string(
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>{{ title }}</title>"
    "<style>:root{color-scheme:light dark;background:Canvas}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:12vh auto;"
    "padding:0 1.5rem;overflow-wrap:anywhere}h1{font-size:1.6rem;line-height:1.25}small{opacity:.8}"
    "a{color:#0550ae}@media(prefers-color-scheme:dark){a{color:#79b8ff}}"
    ":focus-visible{outline:3px solid;outline-offset:2px}progress{width:100%}</style>"
    "<main><p><small>Flyte on this machine</small></p><h1>{{ title }}</h1>"
    '{% if waiting %}<progress aria-label="{{ title }}"></progress>{% endif %}'
    '<p role="status">{{ text }}</p><p><a href="{{ address }}">{{ label }}</a></p></main></html>'
)


async def respond_starting(key: AppKey, console: str, send: Send) -> None:
    """Answer with the page about the start. The browser asks again after a second."""
    text = f"The app {key} was asleep or is new, and is starting now. This page opens it as soon as it is ready."
    link = (console, "See its log in the console")
    await respond_page(send, 503, f"Waking {key.name}", text, link, _ASK_AGAIN, waiting=True)


async def respond_page(
    send: Send,
    status: int,
    title: str,
    text: str,
    link: tuple[str, str],
    headers: Iterable[Header] = (),
    *,
    waiting: bool = False,
) -> None:
    """Answer with a page of one paragraph. `link` is an address and its label; `waiting` shows that work goes on."""
    page = _TEMPLATE.render(
        title=title, text=text[:1].upper() + text[1:], address=address(link[0]), label=link[1], waiting=waiting
    )
    await respond(send, status, page.encode("utf-8", "replace"), "text/html; charset=utf-8", headers)
