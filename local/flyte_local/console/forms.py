"""The console's buttons: forms whose requests only a page of this console can make.

Three things must hold (OWASP, Cross-Site Request Forgery Prevention): the browser says that the request comes from a
page of the same origin (Fetch Metadata), its Origin is the host that it was sent to, and it carries the token of this
very button. Apps of this server have other hosts and cannot read its pages, so they have no token.
"""

from __future__ import annotations

import hashlib
import secrets
from urllib.parse import parse_qs, urlsplit

from itsdangerous import Signer
from starlette.requests import Request

from flyte_local.web.asgi import read_body

_LIMIT = 1 << 14


class Forms:
    """The tokens of buttons. The key lives as long as the process, so older pages must be reloaded."""

    def __init__(self) -> None:
        self._signer = Signer(
            secrets.token_bytes(32), salt="console-button", key_derivation="hmac", digest_method=hashlib.sha256
        )

    def token(self, action: str) -> str:
        """Return the token of the button that posts to an address."""
        return self._signer.get_signature(_bytes(action)).decode()

    async def refusal(self, request: Request) -> str | None:
        """Return the reason to refuse a request, or None if a button of this console sent it."""
        if request.headers.get("sec-fetch-site") not in (None, "same-origin"):
            return "it was not sent by a page of this console"
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
            return "it was sent by a page of another address"
        try:
            body = await read_body(request.receive, _LIMIT)
        except ValueError as error:
            return str(error)
        token = parse_qs(body.decode("latin-1")).get("token", [""])[0]
        if not self._signer.verify_signature(_bytes(request.scope["path"]), _bytes(token)):
            return "its page is older than this server: go back, reload the page and try again"
        return None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
