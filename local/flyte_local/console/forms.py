"""The console's buttons: forms whose requests nobody but a page of this console can make.

Three things must hold (OWASP, Cross-Site Request Forgery Prevention): the browser says that the request comes from a
page of the same origin (Fetch Metadata), its Origin is the very host that it was sent to, and it carries a token of
exactly this button. Other apps of this server have other hosts and can read no page, so they know no token.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import parse_qs, urlsplit

from flyte_local.web.asgi import Receive, Scope, header, read_body
from flyte_local.web.html import Html, address, join, tag

_TOKEN = "token"
_LIMIT = 1 << 14


class Forms:
    """Makes buttons and checks what they send. The key lives as long as the process: older pages must be reloaded."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def button(self, action: str, label: str, hint: str = "") -> Html:
        """A button that posts to a path; `hint` is what a screen reader says after its label."""
        hidden = Html(f'<input type="hidden" name="{_TOKEN}" value="{self._token(action)}">')
        said = join((label, tag("span", f" {hint}", class_="sr"))) if hint else label
        return tag("form", join((hidden, tag("button", said))), method="post", action=address(action))

    async def refusal(self, scope: Scope, receive: Receive) -> str | None:
        """Why a request is not a button's; None where it is."""
        if header(scope, b"sec-fetch-site") not in (None, "same-origin"):
            return "it was not sent by a page of this console"
        origin = header(scope, b"origin")
        if origin is not None and urlsplit(origin).netloc.lower() != (header(scope, b"host") or "").lower():
            return "it was sent by a page of another address"
        try:
            body = await read_body(receive, _LIMIT)
        except ValueError as error:
            return str(error)
        given = parse_qs(body.decode("latin-1")).get(_TOKEN, [""])[0]
        if not hmac.compare_digest(given.encode("latin-1", "replace"), self._token(scope["path"]).encode()):
            return "its page is older than this server: go back, reload the page and try again"
        return None

    def _token(self, path: str) -> str:
        return hmac.new(self._key, path.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
