"""A generated Connect application that answers malformed requests with errors of the client.

The library reads a request of any size, unpacks any compressed request, and reports a request that it cannot decode as
an error of the server, with Python's text. Here a message has a maximum size, packed and unpacked, and an unreadable
message is INVALID_ARGUMENT.
"""

from __future__ import annotations

import gzip
import json
import logging
import zlib
from typing import Any

from connectrpc.code import Code
from connectrpc.codec import Codec, proto_binary_codec, proto_json_codec
from connectrpc.errors import ConnectError
from connectrpc.server import ConnectASGIApplication
from google.protobuf.json_format import ParseError
from google.protobuf.message import Message as Protobuf
from starlette.types import Message, Receive, Scope, Send

from flyte_local.api.errors import ErrorInterceptor, unimplemented
from flyte_local.web.asgi import header, respond
from flyte_local.wire.times import wrong_time

_log = logging.getLogger(__name__)
_LONGEST_REASON = 300


def mount(application: type[Any], service: object, limit: int) -> Any:
    """Return the ASGI application of a service. A request may have `limit` bytes, packed and unpacked."""
    # The generated classes take no codecs, so `_Guarded` is put between them and the library's class. A parameter for
    # codecs in the generated code would let this go; there is no upstream issue for one yet.
    kind = type(application.__name__, (application, _Guarded), {})
    return kind(service, interceptors=[ErrorInterceptor()], read_max_bytes=limit)


class _Guarded(ConnectASGIApplication[Any]):
    def __init__(self, **options: Any) -> None:
        self._limit = options["read_max_bytes"]
        codecs = (_ClientsFault(proto_binary_codec()), _ClientsFault(proto_json_codec()))
        super().__init__(**{**options, "compressions": (BoundedGzip(self._limit),), "codecs": codecs})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (header(scope, b"content-type") or "").startswith("application/grpc"):
            # gRPC needs HTTP/2 and trailers, which this server does not have.
            await unimplemented(scope, receive, send)
            return
        withheld: list[Message] = []

        async def hold(message: Message) -> None:
            # The library sends an unforeseen error first, and raises it then.
            if withheld or message.get("status") == 500:
                withheld.append(message)
            else:
                await send(message)

        try:
            await super().__call__(scope, self._counted(receive), hold)
        except ConnectError:
            raise
        except Exception as error:
            if not withheld:
                raise
            # Methods and codecs raise only ConnectError, so the headers or the query are not text.
            _log.info("%s cannot be read: %r", scope["path"], error)
            body = {"code": Code.INVALID_ARGUMENT.value, "message": "the request's headers or query cannot be read"}
            await respond(send, 400, json.dumps(body).encode(), "application/json")
            return
        for message in withheld:
            await send(message)

    def _counted(self, receive: Receive) -> Receive:
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self._limit:
                raise _too_large(self._limit)
            return message

        return counted


class BoundedGzip:
    """Gzip (RFC 1952, one member) that unpacks no more than `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def name(self) -> str:
        """Return the name of the encoding in headers."""
        return "gzip"

    def compress(self, data: bytes | bytearray | memoryview) -> bytes:
        """Pack data."""
        return gzip.compress(data, compresslevel=6)

    def decompress(self, data: bytes | bytearray | memoryview) -> bytes:
        """Unpack data. Raises INVALID_ARGUMENT or, beyond the limit, RESOURCE_EXHAUSTED."""
        stream = zlib.decompressobj(wbits=31)
        try:
            unpacked = stream.decompress(data, self._limit + 1)
        except zlib.error:
            text = "the request announces gzip, but its data is not gzip: compress it, or announce no compression"
            raise ConnectError(Code.INVALID_ARGUMENT, text) from None
        if len(unpacked) > self._limit:
            raise _too_large(self._limit)
        if not stream.eof or stream.unused_data:
            raise ConnectError(Code.INVALID_ARGUMENT, "the request's gzip data is cut off or is followed by other data")
        return unpacked


class _ClientsFault:
    """A codec whose failures are ConnectErrors."""

    def __init__(self, codec: Codec[Any, Any]) -> None:
        self._codec = codec

    def name(self) -> str:
        return self._codec.name()

    def encode(self, message: Protobuf) -> bytes:
        try:
            return self._codec.encode(message)
        except Exception:
            # Times beyond the year 9999 and messages of unknown type in an Any have no JSON form.
            text = f"the {message.DESCRIPTOR.name} holds what {self.name()} cannot express: ask for application/proto"
            raise ConnectError(Code.FAILED_PRECONDITION, text) from None

    def decode(self, data: bytes | bytearray, message: Protobuf) -> Protobuf:
        try:
            self._codec.decode(data, message)
        except Exception as error:
            # The part before the colon names the field. The part after it is Python's text.
            reason = f": {str(error).partition(': ')[0][:_LONGEST_REASON]}" if isinstance(error, ParseError) else ""
            text = f"the request is not a {message.DESCRIPTOR.full_name} in {self.name()}{reason}"
            raise ConnectError(Code.INVALID_ARGUMENT, text) from None
        wrong = wrong_time(message)
        if wrong is not None:
            text = f"{wrong} is out of protobuf's range: send a time of the years 1 to 9999, or a shorter duration"
            raise ConnectError(Code.INVALID_ARGUMENT, text)
        return message


def _too_large(limit: int) -> ConnectError:
    return ConnectError(Code.RESOURCE_EXHAUSTED, f"the request has more than {limit} bytes: upload large data first")
