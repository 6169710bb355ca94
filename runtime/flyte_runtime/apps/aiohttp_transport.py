"""An httpx transport over aiohttp's connection pool. A call costs a fraction of what it costs with httpx's own pool.

The package `httpx-aiohttp` does the same for general use. This transport differs in four points:

- Its errors tell whether the server can have received the request. The retry rules need that.
- It keeps no cookies.
- It does not change URLs.
- It reads a small body in one step.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from functools import lru_cache
from typing import Any

import aiohttp
import httpx
from yarl import URL

from flyte_runtime.apps.connector import Connector
from flyte_runtime.apps.limits import KEEPALIVE, MAX_CONNECTIONS, MAX_CONNECTIONS_PER_HOST
from flyte_runtime.event_loop import pacing

__all__ = ["AiohttpTransport"]

# Headers that aiohttp would add. httpx has already set those that are to be sent.
_NOT_AUTOMATIC = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_CHUNK = 64 * 1024
# Bytes in one header line of a response. aiohttp's default of 8,190 is less than some servers send.
_MAX_LINE = 64 * 1024


class AiohttpTransport(httpx.AsyncBaseTransport):
    """A connection pool of the event loop in which it is created. `options` are those of an aiohttp connector."""

    def __init__(self, **options: Any) -> None:
        self._session = aiohttp.ClientSession(
            connector=Connector(
                limit=MAX_CONNECTIONS, limit_per_host=MAX_CONNECTIONS_PER_HOST, keepalive_timeout=KEEPALIVE, **options
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # httpx decodes
            skip_auto_headers=_NOT_AUTOMATIC,
            max_line_size=_MAX_LINE,
            max_field_size=_MAX_LINE,
            timeout=aiohttp.ClientTimeout(total=None),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request once and return the response.

        Raises httpx's transport errors. ConnectError and ConnectTimeout mean that nothing was sent.
        """
        extensions = request.extensions
        times: dict[str, float | None] = extensions.get("timeout", {})
        data = _body(request)
        with _as_httpx_errors():
            response = await self._session.request(
                request.method,
                _url(str(request.url)),
                headers=request.headers.multi_items(),
                data=data,
                allow_redirects=False,
                timeout=_timeout(times.get("connect"), times.get("read")),
            )
            if extensions.get("streaming"):
                return httpx.Response(
                    response.status,
                    headers=response.raw_headers,
                    stream=_Stream(response, times.get("read")),
                    request=request,
                )
            # Reading to the end releases the connection. A failure closes it.
            content = await response.read()
        # With `content=`, httpx would add a Content-Length to a chunked response. `read` decodes the body.
        answer = httpx.Response(
            response.status,
            headers=response.raw_headers,
            stream=httpx.ByteStream(content),
            request=request,
        )
        answer.read()
        return answer

    async def aclose(self) -> None:
        await self._session.close()


class _Stream(httpx.AsyncByteStream):
    """A response body. It raises ReadTimeout if no bytes come for `read_timeout` seconds."""

    def __init__(self, response: aiohttp.ClientResponse, read_timeout: float | None) -> None:
        self._response = response
        self._read_timeout = read_timeout

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            with _as_httpx_errors():
                # aiohttp's own limit is not enough: it waits for ever after a chunk whose size it cannot parse.
                async with pacing.deadline(self._read_timeout):
                    chunk = await self._response.content.read(_CHUNK)
            if not chunk:
                return
            yield chunk

    async def aclose(self) -> None:
        # Reading an unread rest to reuse the connection could take long.
        self._response.close()


@lru_cache(maxsize=1024)
def _url(text: str) -> URL:
    return URL(text, encoded=True)


@lru_cache(maxsize=64)
def _timeout(connect: float | None, read: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=read)


def _body(request: httpx.Request) -> Any:
    try:
        return request.content or None
    except httpx.RequestNotRead:
        # aiohttp adds this header itself if the length is not known.
        request.headers.pop("Transfer-Encoding", None)
        return request.stream


@contextlib.contextmanager
def _as_httpx_errors() -> Iterator[None]:
    try:
        yield
    except (aiohttp.ConnectionTimeoutError, aiohttp.ServerTimeoutError) as error:
        kind = httpx.ConnectTimeout if isinstance(error, aiohttp.ConnectionTimeoutError) else httpx.ReadTimeout
        raise kind(str(error)) from error
    except TimeoutError as error:
        raise httpx.ReadTimeout("the app fell silent in its answer") from error
    except aiohttp.ClientConnectorError as error:
        raise httpx.ConnectError(str(error)) from error
    except aiohttp.ServerDisconnectedError as error:
        raise httpx.RemoteProtocolError("the server closed the connection before it answered") from error
    except (aiohttp.ClientPayloadError, aiohttp.ClientOSError, OSError) as error:
        raise httpx.ReadError(str(error) or type(error).__name__) from error
    except aiohttp.ClientResponseError as error:  # its status is aiohttp's; the app sent no such status
        why = " ".join(error.message.split()) or type(error).__name__
        raise httpx.DecodingError(f"its answer cannot be read as HTTP: {why}") from error
    except (aiohttp.InvalidURL, ValueError) as error:  # ValueError: a header that HTTP does not allow
        raise httpx.LocalProtocolError(str(error)) from error
    except aiohttp.ClientError as error:
        raise httpx.NetworkError(str(error)) from error
    except RuntimeError as error:  # the pool is closed, or no thread can start to resolve the host name
        raise httpx.ConnectError(str(error)) from error
