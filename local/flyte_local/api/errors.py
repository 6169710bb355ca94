"""Errors of calls, as the client gets them.

An error of this package keeps its sentence. Any other error is reported without details, which go to the server's log.
No client gets a traceback.
"""

from __future__ import annotations

import json
import logging
import secrets
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from connectrpc.request import RequestContext
from starlette.types import Receive, Scope, Send

from flyte_local.errors import InvalidAppError, LocalServerError, NotFoundError
from flyte_local.web.asgi import header, respond

_log = logging.getLogger(__name__)
_Request = TypeVar("_Request")
_Response = TypeVar("_Response")
_CODES: tuple[tuple[type[LocalServerError], Code], ...] = (
    (NotFoundError, Code.NOT_FOUND),
    (InvalidAppError, Code.INVALID_ARGUMENT),
    (LocalServerError, Code.FAILED_PRECONDITION),
)
_END_OF_STREAM = 0b10


class ErrorInterceptor:
    """Wraps every unary and server-streaming method."""

    async def intercept_unary(
        self,
        call_next: Callable[[_Request, RequestContext[Any, Any]], Awaitable[_Response]],
        request: _Request,
        ctx: RequestContext[Any, Any],
    ) -> _Response:
        """Call a unary method."""
        try:
            return await call_next(request, ctx)
        except Exception as error:
            raise as_connect_error(error, ctx.method().name) from None

    async def intercept_server_stream(
        self,
        call_next: Callable[[_Request, RequestContext[Any, Any]], AsyncIterator[_Response]],
        request: _Request,
        ctx: RequestContext[Any, Any],
    ) -> AsyncIterator[_Response]:
        """Call a server-streaming method."""
        try:
            async for response in call_next(request, ctx):
                yield response
        except Exception as error:
            raise as_connect_error(error, ctx.method().name) from None


def as_connect_error(error: Exception, method: str) -> ConnectError:
    """Return the error that a client gets for any exception."""
    if isinstance(error, ConnectError):
        return error
    for kind, code in _CODES:
        if isinstance(error, kind):
            return ConnectError(code, str(error))
    mark = secrets.token_hex(4)
    _log.exception("%s failed (%s)", method, mark, exc_info=error)
    return ConnectError(Code.INTERNAL, f"{method} failed inside flyte-local: see {mark} in its server.log")


async def unimplemented(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a call of an unknown method, in the protocol of the client."""
    error = {"code": "unimplemented", "message": f"flyte-local does not implement {scope['path']}"}
    content_type = header(scope, b"content-type") or ""
    if content_type.startswith("application/connect+"):
        body = json.dumps({"error": error}).encode()
        await respond(send, 200, struct.pack(">BI", _END_OF_STREAM, len(body)) + body, content_type)
    elif content_type.startswith("application/grpc"):
        status = [(b"grpc-status", b"12"), (b"grpc-message", error["message"].encode())]
        await respond(send, 200, b"", content_type, status)
    else:
        await respond(send, 501, json.dumps(error).encode(), "application/json")
