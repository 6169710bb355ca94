"""Passes requests to apps: HTTP with streaming in both directions, and WebSockets, in the path form and the host form.

    http://127.0.0.1:PORT/apps/P/D/N/x  →  /x of the app         (every client resolves it)
    http://N-P-D.localhost:PORT/x       →  /x of the app         (pages with absolute links work; browsers resolve it)

A browser that navigates to the path form is redirected to the host form. Requests to an app that starts are held until
it is ready. A browser that opens a page gets a page about the start after a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.types import Receive, Scope, Send

from flyte_local.apps.app import ManagedApp
from flyte_local.apps.replica import Replica
from flyte_local.apps.supervisor import Supervisor
from flyte_local.errors import AppError, NotFoundError
from flyte_local.proxy.app_client import AppClient, NotListening
from flyte_local.proxy.browser_pages import HOLD_PAGE_SECONDS, NOT_STORED, respond_page, respond_starting
from flyte_local.proxy.browser_sessions import BrowserSessions
from flyte_local.proxy.gate import Gate
from flyte_local.proxy.headers import request_headers
from flyte_local.proxy.http import AppRequest, forward
from flyte_local.proxy.request_body import RequestBody
from flyte_local.state.context import Context
from flyte_local.web.asgi import Header, header, raw_path, respond, respond_error
from flyte_local.web.paths import EVERYTHING
from flyte_local.web.paths import Scope as PageScope
from flyte_local.wire.app_key import AppKey

HOLD_SECONDS = 60.0
_ATTEMPTS = 5
_FRAMING = b"content-length"


class Proxy:
    """Passes requests to the apps of a server."""

    def __init__(self, context: Context, supervisor: Supervisor, sessions: BrowserSessions) -> None:
        self._context = context
        self._supervisor = supervisor
        self._client = AppClient()
        self._gate = Gate(context, sessions)

    async def close(self) -> None:
        """Close the connections to the apps."""
        await self._client.close()

    async def by_path(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request to `/apps/P/D/N/…`."""
        target = _split(raw_path(scope))
        if target is None:
            await respond_error(send, 404, "an app's path is /apps/<project>/<domain>/<name>/")
            return
        key, path = target
        if _is_navigation(scope):
            location = f"{key.host_url(self._context.port)}{path}{_query(scope)}"
            headers = [(b"location", location.encode("latin-1")), NOT_STORED]
            await respond(send, 307, b"", "text/plain", headers)
            return
        app = self._supervisor.find(key)
        if app is None:
            await respond_error(send, 404, f"no app {key} on this server")
            return
        await self._pass(app, path, key.path, scope, receive, send)

    async def by_host(self, label: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request to `N-P-D.localhost`."""
        apps = self._supervisor.by_host_label(label)
        if not apps:
            await self._problem(scope, send, 404, f"no app is called {label} on this server")
            return
        if len(apps) > 1:
            paths = " or ".join(self._context.url + app.key.path for app in apps)
            await self._problem(scope, send, 409, f"several apps are called {label}: use {paths}")
            return
        key = apps[0].key
        path = raw_path(scope)
        # An app that knows its root path writes links that begin with it. They must work here too.
        if path == key.path or path.startswith(key.path + "/"):
            path = path[len(key.path) :] or "/"
        await self._pass(apps[0], path, "", scope, receive, send)

    async def _pass(self, app: ManagedApp, path: str, prefix: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on one request or WebSocket, and count it as the app's load."""
        if not await self._gate.admits(app, scope, send):
            return
        loop = asyncio.get_running_loop()
        body = RequestBody(scope, receive)
        app.meter.begin(loop.time())
        try:
            await self._exchange(app, path, prefix, scope, body, send)
        finally:
            body.end()
            app.meter.end(loop.time())

    async def _exchange(
        self, app: ManagedApp, path: str, prefix: str, scope: Scope, body: RequestBody, send: Send
    ) -> None:
        """Send a request to a replica, and wait for one that is ready. Try again if it has just ended."""
        opens_page = scope["method"] == "GET" and _is_navigation(scope)
        hold = HOLD_PAGE_SECONDS if opens_page else HOLD_SECONDS
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                replica = app.pick() or await self._supervisor.ready(app, hold)
            except NotFoundError as error:
                await self._problem(scope, send, 404, str(error))
                return
            except AppError as error:
                if opens_page and app.may_become_ready:
                    await respond_starting(app.key, self._console(app.key), send)
                else:
                    await self._problem(scope, send, 503, str(error), app.key, [(b"retry-after", b"2")])
                return
            replica.in_flight += 1
            try:
                await forward(self._client, _app_request(app, replica, path, prefix, scope), scope, body, send)
                return
            except NotListening as error:
                if attempt == _ATTEMPTS:
                    message = f"app {app.key} does not accept connections: {error}"
                    await self._problem(scope, send, 502, message, app.key)
                    return
            finally:
                replica.in_flight -= 1
            await asyncio.sleep(0.2 * attempt)

    async def _problem(
        self,
        scope: Scope,
        send: Send,
        status: int,
        message: str,
        key: AppKey | None = None,
        headers: Sequence[Header] = (),
    ) -> None:
        """Answer that no app can: a browser that opens a page gets a page, everybody else JSON."""
        if _is_navigation(scope):
            link = (self._console(key), "See more in the console")
            await respond_page(send, status, "This app does not answer", f"{message}.", link, [*headers, NOT_STORED])
        else:
            await respond_error(send, status, message, headers)

    def _console(self, key: AppKey | None) -> str:
        """Return the address of an app's page in the console, or of the console's first page."""
        page = PageScope(key.project, key.domain).resource("apps", key.name) if key is not None else EVERYTHING.path
        return self._context.url + page


def _app_request(app: ManagedApp, replica: Replica, path: str, prefix: str, scope: Scope) -> AppRequest:
    port = replica.ready_port
    assert port is not None
    headers = [pair for pair in request_headers(scope, prefix) if pair[0] != _FRAMING]
    return AppRequest(app.key, port, path + _query(scope), headers, replica.request_timeout, prefix)


def _split(path: str) -> tuple[AppKey, str] | None:
    """Return the app of a path form and the path that the app gets. None if the path names no app."""
    parts = path.split("/", 5)
    if len(parts) < 5 or not all(parts[2:5]):
        return None
    return AppKey(*parts[2:5]), "/" + (parts[5] if len(parts) == 6 else "")


def _query(scope: Scope) -> str:
    text = scope["query_string"].decode("latin-1")
    return f"?{text}" if text else ""


def _is_navigation(scope: Scope) -> bool:
    """Return whether a browser opens a page, possibly in a frame.

    By the path form, an app's page would have the server's own origin, and its scripts could use the API like a person.
    """
    return header(scope, b"sec-fetch-mode") == "navigate" and "text/html" in (header(scope, b"accept") or "")
