"""`rt.app(alias).sync`: the same client without `await`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from flyte_runtime.event_loop import blocking

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from flyte_runtime.apps.options import CallOptions
    from flyte_runtime.apps.wired_app import WiredApp

__all__ = ["SyncApp"]


class SyncApp:
    """A synchronous client with the arguments, limits, retries and errors of `AppHandle`.

    Its methods raise WouldBlock inside a running event loop.
    """

    def __init__(self, app: WiredApp) -> None:
        self._app = app
        self._instead = f"await rt.app({app.alias!r}).<method>(…)"

    def __repr__(self) -> str:
        return f"{self._app!r}.sync"

    @property
    def url(self) -> str:
        """The URL by which this container reaches the app."""
        return self._app.url

    @property
    def public_url(self) -> str:
        """The URL by which people and other systems reach the app."""
        return self._app.public_url

    def request(self, method: str, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """Send a request and read its response. See `AppHandle.request`."""
        return blocking.run(self._app.send(method, path, options), self._instead)

    def get(self, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """`request("GET", path, …)`."""
        return self.request("GET", path, **options)

    def post(self, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """`request("POST", path, …)`."""
        return self.request("POST", path, **options)

    def head(self, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """`request("HEAD", path, …)`."""
        return self.request("HEAD", path, **options)

    def options(self, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """`request("OPTIONS", path, …)`."""
        return self.request("OPTIONS", path, **options)

    def put(self, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """`request("PUT", path, …)`."""
        return self.request("PUT", path, **options)

    def patch(self, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """`request("PATCH", path, …)`."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """`request("DELETE", path, …)`."""
        return self.request("DELETE", path, **options)

    @contextmanager
    def stream(self, method: str, path: str = "", **options: Unpack[CallOptions]) -> Iterator[httpx.Response]:
        """Stream a response: `with backend.sync.stream("GET", "/events") as response`. Read it with `iter_lines` …"""
        response = blocking.run(self._app.send(method, path, options, streaming=True), self._instead)
        try:
            synchronous = httpx.Response(
                response.status_code,
                headers=response.headers,
                stream=_SyncStream(response.stream, self._instead),  # type: ignore[arg-type]
                request=response.request,
            )
            synchronous.elapsed = response.elapsed
            yield synchronous
        finally:
            blocking.run(response.aclose(), self._instead)


class _SyncStream(httpx.SyncByteStream):
    def __init__(self, source: AsyncIterator[bytes], instead: str) -> None:
        self._source = source
        self._instead = instead

    def __iter__(self) -> Iterator[bytes]:
        return blocking.iterate(self._source.__aiter__(), self._instead)
