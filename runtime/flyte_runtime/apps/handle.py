"""`rt.app(alias)`: a client for the app that the Pulumi program wired as `alias`."""

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
    """Return the handle of the app wired as `alias`. Equal aliases give the same handle.

    Nothing is opened or checked before the handle is used, so code that declares handles can be imported anywhere.
    Missing wiring raises a WiringError when the handle is first used, or when the container starts (`rt.serve`,
    `rt.lifespan`).
    """
    handle = _handles.get(alias)
    if handle is None:
        handle = _handles.setdefault(alias, AppHandle(alias))
        declarations.apps.add(alias)
    return handle


class AppHandle:
    """A pooled client for one wired app, with httpx's request interface.

    - Connections: one pool for each process and event loop, opened with the first call.
    - Time: `timeout` of the edge (in the Pulumi program) or of the call limits all attempts together. With `stream` it
      ends with the response's headers; after them, `Policy.read` limits each pause in the body.
    - Retries: 429, 502, 503, 504 and lost connections are tried again if that is safe, that is for idempotent methods
      and for calls with an `idempotency_key`. A connection that could not be opened is tried again for every method.
      Pauses use full jitter and respect `Retry-After`. A retry budget limits the load on an app that fails.
    - Headers: a call carries the trace of the request that is being served, and the edge's credential.
    - It follows no redirects, keeps no cookies, and uses no proxies from the environment.
    """

    def __init__(self, alias: str, policy: Policy | None = None) -> None:
        self._app = WiredApp(alias, policy or Policy())

    def __repr__(self) -> str:
        return repr(self._app)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the alias. A copy, or the result of unpickling in another process, is the handle of that alias."""
        return (app, (self.alias,)) if _handles.get(self.alias) is self else (AppHandle, (self.alias, self.policy))

    @property
    def alias(self) -> str:
        """The name of the edge in the Pulumi program."""
        return self._app.alias

    @property
    def policy(self) -> Policy:
        """The default limits of a call. The edge and the call may override them."""
        return self._app.policy

    @policy.setter
    def policy(self, policy: Policy) -> None:
        self._app.policy = policy

    @property
    def input(self) -> AppInput:
        """The app's names, URLs and timeouts. Raises a WiringError that says what is missing."""
        return self._app.input

    @property
    def url(self) -> str:
        """The URL by which this container reaches the app."""
        return self._app.url

    @property
    def public_url(self) -> str:
        """The URL by which people and other systems reach the app, or the internal URL if it has no public one."""
        return self._app.public_url

    @property
    def sync(self) -> SyncApp:
        """The same client without `await`, for code outside an event loop (a Streamlit script, a plain task)."""
        from flyte_runtime.apps.sync import SyncApp

        return SyncApp(self._app)

    async def request(self, method: str, path: str = "", **options: Unpack[CallOptions]) -> httpx.Response:
        """Send a request and read its response. `path` is relative to the app's URL; its leading slash is optional.

        Options are httpx's (params, headers, cookies, content, data, files, json) and `timeout`, `retries`,
        `idempotency_key`: see `CallOptions`. No status raises an error; call `response.raise_for_status()` for that.
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
        """Send a request and stream its response: `async with backend.stream("GET", "/events") as response`.

        Raises the errors of `request`. While the body is read, raises CallFailed if it ends too early and CallTimedOut
        if no bytes come for `Policy.read` seconds.
        """
        response = await self._app.send(method, path, options, streaming=True)
        try:
            yield response
        finally:
            await response.aclose()

    def websocket(self, path: str = "", **options: Unpack[SocketOptions]) -> WebSocket:
        """Return a WebSocket that reconnects: `async with backend.websocket("/chat") as ws`.

        See `flyte_runtime.websockets.WebSocket` for the options.
        """
        from flyte_runtime.apps.websocket import WebSocket

        return WebSocket(self._app, path, **options)
