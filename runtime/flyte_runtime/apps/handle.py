"""`rt.app(alias)`: a client bound to the app that the Pulumi program wired as `alias`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from flyte_runtime.apps.policy import Policy
from flyte_runtime.apps.wired_app import WiredApp
from flyte_runtime.container import declarations

if TYPE_CHECKING:
    import httpx
    from typing_extensions import Unpack

    from flyte_runtime.apps.options import CallOptions, SocketOptions
    from flyte_runtime.apps.sync import SyncApp
    from flyte_runtime.apps.websocket import WebSocket
    from flyte_runtime.contract import AppInput

__all__ = ["AppHandle", "app"]

_handles: dict[str, AppHandle] = {}


def app(alias: str) -> AppHandle:
    """The app wired as `alias`. It costs nothing until it is used; equal aliases give the same handle.

    What is missing is said when the handle is first used, or when the container starts (`rt.serve`, `rt.lifespan`):
    code that only declares handles can be imported anywhere.
    """
    handle = _handles.get(alias)
    if handle is None:
        handle = _handles.setdefault(alias, AppHandle(alias))
        declarations.apps.add(alias)
    return handle


class AppHandle:
    """A pooled client for one wired app, with httpx's request interface.

    - One connection pool for each process and event loop, opened with the first call.
    - Bounded in time: the edge's `timeout` (from the Pulumi program), or `timeout=` of a call, is the total of all
      attempts. `stream` counts it until the response's head; after that, `Policy.read` bounds each silence.
    - Tried again (429, 502, 503, 504, lost connections) where that is safe: idempotent methods, or any method with
      an `idempotency_key`; a connection that never stood is tried again for every method. Full jitter, `Retry-After`,
      and a budget that keeps an app in trouble from being called many times over.
    - Carries the trace of the request that is being served, and the edge's credential.
    - Redirects are not followed, cookies are not kept, and proxies from the environment are not used.
    """

    def __init__(self, alias: str, policy: Policy | None = None) -> None:
        self._app = WiredApp(alias, policy or Policy())

    def __repr__(self) -> str:
        return repr(self._app)

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy, and what another process unpickles, is the handle of that alias there."""
        return (app, (self.alias,)) if _handles.get(self.alias) is self else (AppHandle, (self.alias, self.policy))

    @property
    def alias(self) -> str:
        """The name of the edge in the Pulumi program."""
        return self._app.alias

    @property
    def policy(self) -> Policy:
        """The limits of a call for which neither the edge nor the call says others."""
        return self._app.policy

    @policy.setter
    def policy(self, policy: Policy) -> None:
        self._app.policy = policy

    @property
    def input(self) -> AppInput:
        """What is wired: names, URLs, timeouts. Raises a WiringError that says what is missing."""
        return self._app.input

    @property
    def url(self) -> str:
        """Where this container reaches the app."""
        return self._app.url

    @property
    def public_url(self) -> str:
        """Where people and other systems reach the app; the internal URL where there is no other."""
        return self._app.public_url

    @property
    def sync(self) -> SyncApp:
        """The same without `await`, for code that runs in no event loop (a Streamlit script, a plain task)."""
        from flyte_runtime.apps.sync import SyncApp

        return SyncApp(self._app)

    async def request(self, method: str, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """Send a request and read its response. `path` continues the app's URL, with or without a leading slash.

        Options are httpx's (params, headers, cookies, content, data, files, json) and `timeout`, `retries`,
        `idempotency_key`: see `CallOptions`. A status is no error: `response.raise_for_status()` makes it one.
        Raises CallFailed, CallTimedOut, InvalidCall, a WiringError.
        """
        return await self._app.send(method, path, options)

    async def get(self, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """`request("GET", path, …)`."""
        return await self._app.send("GET", path, options)

    async def post(self, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """`request("POST", path, …)`."""
        return await self._app.send("POST", path, options)

    async def head(self, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """`request("HEAD", path, …)`."""
        return await self._app.send("HEAD", path, options)

    async def options(self, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """`request("OPTIONS", path, …)`."""
        return await self._app.send("OPTIONS", path, options)

    async def put(self, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """`request("PUT", path, …)`."""
        return await self._app.send("PUT", path, options)

    async def patch(self, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """`request("PATCH", path, …)`."""
        return await self._app.send("PATCH", path, options)

    async def delete(self, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """`request("DELETE", path, …)`."""
        return await self._app.send("DELETE", path, options)

    @asynccontextmanager
    async def stream(
        self, method: str, path: str = "", **options: Unpack[CallOptions]
    ) -> AsyncIterator[httpx.Response]:
        """`async with backend.stream("GET", "/events") as response`: the head at once, the body as it comes.

        Raises what `request` raises, and CallFailed or CallTimedOut where the body ends too early or falls silent.
        """
        response = await self._app.send(method, path, options, streaming=True)
        try:
            yield response
        finally:
            await response.aclose()

    def websocket(self, path: str = "", **options: Unpack[SocketOptions]) -> WebSocket:
        """A WebSocket to the app, opened again when it is lost: `async with backend.websocket("/chat") as ws`.

        Options are `flyte_runtime.websockets.WebSocket`'s.
        """
        from flyte_runtime.apps.websocket import WebSocket

        return WebSocket(self._app, path, **options)
