"""Reads the body of a delivery, after checking its type, up to a limit."""

from __future__ import annotations

import re

from starlette.requests import ClientDisconnect, Request

from flyte_runtime.errors import WebhookError
from flyte_runtime.webhooks.refusal import Refused
from flyte_runtime.webhooks.verdict import Headers, one

__all__ = ["check_head", "keep", "read"]

# The key in a request's scope for the name of the webhook that has verified it.
_VERIFIED = "flyte_runtime.verified"

_JSON = re.compile(
    rb"application/([a-z0-9!#$&^_.+-]+\+)?json[ \t]*(;[ \t]*charset=\"?utf-?8\"?[ \t]*)?;?", re.IGNORECASE
)
_LENGTH = re.compile(rb"[0-9]{1,18}")
# Bytes. If the unread rest of a body is at most this long, the server reads it and keeps the connection.
_MAX_UNREAD = 64 * 1024


def check_head(headers: Headers, cap: int) -> None:
    """Check the headers of a delivery.

    Raises Refused: 415 unless the body is uncompressed JSON in UTF-8, 400 if the length is not valid, 413 if it is more
    than `cap`.
    """
    kind = one(headers, b"content-type")
    if kind is None or not _JSON.fullmatch(kind):
        reason = "the Content-Type is not application/json"
        if kind is not None and kind.lower().startswith(b"application/x-www-form-urlencoded"):
            reason += ": the sender sends a form, as GitHub does by default; choose application/json in its settings"
        raise Refused(415, reason)
    if any(name == b"content-encoding" and value.lower() != b"identity" for name, value in headers):
        raise Refused(415, "the body is compressed (Content-Encoding)")
    lengths = {value for name, value in headers if name == b"content-length"}
    if not lengths:
        return
    length = lengths.pop()
    if lengths or not _LENGTH.fullmatch(length):
        raise Refused(400, "the Content-Length is not one number", headers={"connection": "close"})
    if int(length) > cap:
        raise too_large(cap)


async def read(request: Request, cap: int) -> bytes:
    """Read the whole body. Raises Refused 413 as soon as it has more than `cap` bytes. Headers may lie about that.

    Raises WebhookError if other code has read the body before.
    """
    if hasattr(request, "_body"):  # Starlette caches the body here, and `stream` would return it again
        raise read_before(request)
    pieces: list[bytes] = []
    size = 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > cap:
                break
            pieces.append(piece)
    except ClientDisconnect:
        raise Refused(400, "the sender left before the end of the body") from None
    except RuntimeError:  # Starlette raises it if the stream was read before
        raise read_before(request) from None
    if size > cap:
        raise too_large(cap)
    return b"".join(pieces)


def keep(request: Request, content: bytes, hook: str) -> None:
    """Put the verified body into the request, so that the route can read it too (`await request.json()`)."""
    request._body = content
    request.scope[_VERIFIED] = hook


def read_before(request: Request) -> WebhookError:
    """Return the error for a body that the route has already read. Only the route's code can cause it, no sender."""
    hook = request.scope.get(_VERIFIED)
    if hook is None:
        why = "declare no body or form parameter in this route, because FastAPI reads it first and without a limit"
    else:
        why = f"by the webhook {hook!r}: a route has one webhook, used once (no use_cache=False, no second scope)"
    return WebhookError(f"the body was read before the webhook could verify it: {why}")


def too_large(cap: int) -> Refused:
    """Return the refusal of a body with more than `cap` bytes. The server closes the connection and stops reading."""
    return Refused(413, f"the body is larger than {cap} bytes", headers={"connection": "close"})


def headers_for_unread(headers: Headers) -> dict[str, str]:
    """Return headers for an answer before the body is read. A long or unknown rest closes the connection."""
    length = one(headers, b"content-length") or b""
    short = _LENGTH.fullmatch(length) and int(length) <= _MAX_UNREAD
    return {} if short else {"connection": "close"}
