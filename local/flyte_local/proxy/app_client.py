"""HTTP to the processes of apps, by aiohttp's client."""

from __future__ import annotations

from functools import cached_property
from weakref import WeakSet

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientResponseError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    TCPConnector,
)
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from flyte_runtime.errors import reason_of
from yarl import URL

from flyte_local.processes.ports import LOOPBACK
from flyte_local.proxy.request_body import RequestBody
from flyte_local.web.asgi import Header

CONNECT_SECONDS = 5.0
# Below the five seconds after which uvicorn and many other servers close an idle connection.
IDLE_SECONDS = 4.0
_MAX_HEADER = 1 << 20
_HIGHEST_STATUS = 599
_AUTOMATIC_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
# RFC 9110 §9.2.2: requests that may be sent again if it is unknown whether the first one arrived.
_IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"))


class NotListening(Exception):
    """The app accepts no connection. Nothing of the request has been sent."""


class BrokenOff(Exception):
    """The app closed the connection, or sent something other than HTTP, before its response began."""


class _IdleConnectionClosed(BrokenOff):
    """The app closed the connection on which it had answered an earlier request."""


class _Response(ClientResponse):
    """A response whose request is sent once.

    aiohttp repeats a GET, also on a new connection, when a connection ends without an answer. The app may have ended
    because of that request. A documented way to turn the repetition off would let this class go; there is no upstream
    issue for one yet.
    """

    async def start(self, connection: Connection) -> ClientResponse:
        """Called by aiohttp when the request's head has been written. Returns once the response's head has arrived."""
        # The connection gives its protocol back as soon as the response is complete, which may be on return.
        protocol = connection.protocol
        used_before = protocol in _USED
        try:
            response = await super().start(connection)
        except ClientResponseError as error:
            raise BrokenOff(f"the app's answer is not HTTP: {error.message}") from error
        except (ClientError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.errno else None
            kind = _IdleConnectionClosed if used_before else BrokenOff
            raise kind(reason or "the app closed the connection") from error
        if protocol is not None:
            _USED.add(protocol)
        return response


_USED: WeakSet[ResponseHandler] = WeakSet()
"""The connections on which an app has answered a request."""


class AppClient:
    """Connections to the ports of apps. They are kept open and used again, except for WebSockets."""

    async def send(
        self, port: int, method: str, target: str, headers: list[Header], body: RequestBody, *, upgrade: bool
    ) -> ClientResponse:
        """Return the response once its head has arrived. Raises NotListening and BrokenOff.

        `upgrade` sends a handshake, on a connection of its own. A handshake is sent once.
        """
        session = self._handshakes if upgrade else self._requests
        url = URL(f"http://{LOOPBACK}:{port}{target}", encoded=True)
        texts = [(_text(name), _text(value)) for name, value in headers]
        while True:
            try:
                response = await session.request(method, url, headers=texts, data=body.payload(), allow_redirects=False)
                break
            except ClientConnectorError as error:
                raise NotListening(error.os_error.strerror or reason_of(error)) from error
            except ConnectionTimeoutError:
                raise NotListening(f"no connection within {CONNECT_SECONDS:g} s") from None
            except (ClientError, OSError) as error:
                raise BrokenOff(reason_of(error)) from error
            except _IdleConnectionClosed:
                if body.whole is None or method not in _IDEMPOTENT:
                    raise
        if response.status > _HIGHEST_STATUS:
            # aiohttp takes any three digits; RFC 9110 §15 has five classes.
            response.close()
            raise BrokenOff(f"the app's answer is not HTTP: there is no status {response.status}")
        return response

    async def close(self) -> None:
        """Close all connections."""
        await self._requests.close()
        await self._handshakes.close()

    @cached_property
    def _requests(self) -> ClientSession:
        return _session(TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS))

    @cached_property
    def _handshakes(self) -> ClientSession:
        return _session(TCPConnector(limit=0, force_close=True))


def _session(connector: TCPConnector) -> ClientSession:
    """Return a client that adds nothing to a request and changes nothing in a response."""
    return ClientSession(
        connector=connector,
        response_class=_Response,
        cookie_jar=DummyCookieJar(),
        timeout=ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        auto_decompress=False,
        skip_auto_headers=_AUTOMATIC_HEADERS,
        max_line_size=_MAX_HEADER,
        max_field_size=_MAX_HEADER,
    )


def _text(part: bytes) -> str:
    """Return a header as aiohttp takes it. aiohttp sends UTF-8, so bytes that are not UTF-8 arrive as UTF-8."""
    try:
        return part.decode()
    except UnicodeDecodeError:
        return part.decode("latin-1")
