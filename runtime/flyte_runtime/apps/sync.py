"""`rt.app(alias).sync`: the same client without `await`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from flyte_runtime.event_loop import blocking

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from flyte_runtime.apps.handle import AppHandle
    from flyte_runtime.apps.options import CallOptions

__all__ = ["SyncApp"]


class SyncApp:
    """Arguments, deadlines, retries and errors are `AppHandle`'s. Raises WouldBlock inside a running event loop."""

    def __init__(self, handle: AppHandle) -> None:
        self._handle = handle
        self._instead = f"await rt.app({handle.alias!r}).<method>(…)"

    def __repr__(self) -> str:
        return f"{self._handle!r}.sync"

    @property
    def url(self) -> str:
        """Where this container reaches the app."""
        return self._handle.url

    @property
    def public_url(self) -> str:
        """Where people and other systems reach the app."""
        return self._handle.public_url

    def request(self, method: str, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """See `AppHandle.request`."""
        return blocking.run(self._handle.request(method, path, **options), self._instead)

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
        """`with backend.sync.stream("GET", "/events") as response`: iterate with `iter_bytes`, `iter_lines` …"""
        opened = self._handle.stream(method, path, **options)
        response = blocking.run(_enter(opened), self._instead)
        try:
            given = httpx.Response(
                response.status_code,
                headers=response.headers,
                stream=_SyncStream(response.stream, self._instead),  # type: ignore[arg-type]
                request=response.request,
            )
            given.elapsed = response.elapsed
            yield given
        finally:
            blocking.run(_leave(opened), self._instead)


class _SyncStream(httpx.SyncByteStream):
    def __init__(self, source: AsyncIterator[bytes], instead: str) -> None:
        self._source = source
        self._instead = instead

    def __iter__(self) -> Iterator[bytes]:
        return blocking.iterate(self._source.__aiter__(), self._instead)


async def _enter(opened: Any) -> httpx.Response:
    response: httpx.Response = await opened.__aenter__()
    return response


async def _leave(opened: Any) -> None:
    await opened.__aexit__(None, None, None)
