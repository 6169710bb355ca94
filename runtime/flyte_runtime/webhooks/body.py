"""The body of a delivery: of the right type, and read up to the cap only."""

from __future__ import annotations

import re

from starlette.requests import ClientDisconnect, Request

from flyte_runtime.errors import WebhookError
from flyte_runtime.webhooks.refusal import Refused
from flyte_runtime.webhooks.verdict import Headers, one

__all__ = ["check_head", "keep", "read"]

# In the scope of a request: the name of the webhook that has verified it.
_VERIFIED = "flyte_runtime.verified"

_JSON = re.compile(
    rb"application/([a-z0-9!#$&^_.+-]+\+)?json[ \t]*(;[ \t]*charset=\"?utf-?8\"?[ \t]*)?;?", re.IGNORECASE
)
_LENGTH = re.compile(rb"[0-9]{1,18}")
# A connection whose rest is at most so long is worth keeping: the server reads it and throws it away.
_WORTH_READING = 64 * 1024


def check_head(headers: Headers, cap: int) -> None:
    """Raises Refused: 415 unless it is plain JSON in UTF-8, 400 for a length that is none, 413 for one over the cap."""
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
    """The whole body. Raises Refused 413 with the first piece that goes over the cap, whatever the headers said, and
    WebhookError where it was read before: by whom and how much of it nobody knows."""
    if hasattr(request, "_body"):  # Starlette keeps it there, and its `stream` would give it once more
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
    except RuntimeError:  # Starlette's, for a stream that has been read
        raise read_before(request) from None
    if size > cap:
        raise too_large(cap)
    return b"".join(pieces)


def keep(request: Request, content: bytes, hook: str) -> None:
    """Let the route have the verified body from its request as well (`await request.json()`)."""
    request._body = content
    request.scope[_VERIFIED] = hook


def read_before(request: Request) -> WebhookError:
    """No request can bring it about, only the route's own code."""
    hook = request.scope.get(_VERIFIED)
    if hook is None:
        why = "declare no body or form parameter in this route, which FastAPI reads first and without a bound"
    else:
        why = f"by the webhook {hook!r}: a route has one, once (no use_cache=False, no second scope)"
    return WebhookError(f"the body was read before the webhook could verify it: {why}")


def too_large(cap: int) -> Refused:
    # The server closes the connection instead of reading on.
    return Refused(413, f"the body is larger than {cap} bytes", headers={"connection": "close"})


def leaving(headers: Headers) -> dict[str, str]:
    """Headers of an answer that leaves the body unread: with a long or unknown rest the connection ends."""
    length = one(headers, b"content-length") or b""
    short = _LENGTH.fullmatch(length) and int(length) <= _WORTH_READING
    return {} if short else {"connection": "close"}
