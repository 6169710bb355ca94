"""The page that a browser shows while an app starts. Without it, the tab would stay empty for many seconds."""

from __future__ import annotations

from flyte_local.web.asgi import Header, Send, respond
from flyte_local.web.plain_page import plain_page
from flyte_local.wire.app_key import AppKey

# A navigation waits this long for the app itself. Most apps start in this time, so the page does not flicker.
HOLD_PAGE_SECONDS = 1.0
_HEADERS: list[Header] = [(b"retry-after", b"1"), (b"refresh", b"1"), (b"cache-control", b"no-store")]


async def respond_starting(key: AppKey, send: Send) -> None:
    """Answer with the page. The browser asks again after a second."""
    page = plain_page(f"Waking {key.name}", f"The app {key} is starting. This page opens it when it is ready.")
    await respond(send, 503, page, "text/html; charset=utf-8", _HEADERS)
