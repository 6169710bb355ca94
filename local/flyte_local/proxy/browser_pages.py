"""The pages that a browser shows in place of an app: while it starts, and when it cannot answer."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import Send

from flyte_local.web.asgi import Header, respond
from flyte_local.web.plain_page import plain_page
from flyte_local.wire.app_key import AppKey

# A navigation waits this long for the app itself. Most apps start in this time, so the page does not flicker.
HOLD_PAGE_SECONDS = 1.0
_HTML = "text/html; charset=utf-8"
_NOT_STORED: list[Header] = [(b"cache-control", b"no-store")]
_ASK_AGAIN: list[Header] = [(b"retry-after", b"1"), (b"refresh", b"1"), *_NOT_STORED]


async def respond_starting(key: AppKey, console: str, send: Send) -> None:
    """Answer with the page about the start. The browser asks again after a second."""
    text = f"The app {key} was asleep or is new, and is starting now. This page opens it as soon as it is ready."
    page = plain_page(f"Waking {key.name}", text, console, "See its log in the console", waiting=True)
    await respond(send, 503, page, _HTML, _ASK_AGAIN)


async def respond_problem(status: int, message: str, console: str, send: Send, headers: Iterable[Header] = ()) -> None:
    """Answer with a page that says why no app answers, and leads to the console."""
    page = plain_page("This app does not answer", f"{message}.", console, "See more in the console")
    await respond(send, status, page, _HTML, [*headers, *_NOT_STORED])
