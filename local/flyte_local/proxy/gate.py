"""Guards apps that were declared with `requires_auth=True`.

A workload gets in with the credential of its edge (`flyte_runtime.serving.credentials`). A browser gets in with a link
that works once (`flyte-local open`), and then with a cookie. An app that Flyte's own SDK declares is open, as on
Flyte's open source backend, although the SDK's default is True. Only the variable that comes from an explicit argument
of a Pulumi program closes the gate.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from flyte_runtime.contract import AUTH_VARIABLE, CREDENTIAL_HEADER, WIRING_VARIABLE, Wiring
from flyte_runtime.serving.credentials import Refusal, Verifier
from flyteidl2.app.app_definition_pb2 import App
from starlette.datastructures import QueryParams
from starlette.types import Scope, Send

from flyte_local.apps.app import ManagedApp
from flyte_local.apps.workload import workload
from flyte_local.errors import InvalidAppError
from flyte_local.proxy.browser_pages import NOT_STORED, respond_page
from flyte_local.proxy.browser_sessions import SESSION_SECONDS, TICKET, BrowserSessions
from flyte_local.state.context import Context
from flyte_local.web.asgi import Header, header, raw_path, respond, respond_error
from flyte_local.web.paths import Scope as PageScope
from flyte_local.web.upgrade import offer
from flyte_local.wire.app_key import AppKey

_HEADER = CREDENTIAL_HEADER.lower().encode()
_PRIVATE = [NOT_STORED, (b"referrer-policy", b"no-referrer")]


@dataclass(frozen=True)
class Guard:
    """The callers of a guarded app. Without a verifier there are none, because the app has no key."""

    verifier: Verifier | None


class Gate:
    """Decides about requests before an app is woken or asked."""

    def __init__(self, context: Context, sessions: BrowserSessions) -> None:
        self._context = context
        self._sessions = sessions

    async def admits(self, app: ManagedApp, scope: Scope, send: Send) -> bool:
        """Return whether the request may go on to the app. If not, it has been answered."""
        guard = guard_of(app.app)
        if guard is None:
            return True
        credentials = [value for name, value in scope["headers"] if name == _HEADER]
        if credentials:
            reason = _reason(guard, credentials)
            if reason is not None:
                await self._refuse(app.key, reason, scope, send)
            return reason is None
        reads = scope["method"] == "GET" and offer(scope) is None
        ticket = QueryParams(scope["query_string"]).get(TICKET) if reads else None
        if ticket is not None:
            await self._enter(app.key, ticket, scope, send)
            return False
        if self._has_session(app.key, scope):
            scope["headers"] = _without_cookie(scope["headers"], self._sessions.cookie)
            return True
        await self._refuse(app.key, "the call carries no credential", scope, send)
        return False

    async def _enter(self, key: AppKey, ticket: str, scope: Scope, send: Send) -> None:
        """Answer a browser that has a link: with the cookie, and the same address without the link's token."""
        session = self._sessions.open(key, ticket) if _is_own_host(key, scope) else None
        if session is None and not self._has_session(key, scope):
            await self._refuse(key, "the link has been used, or is too old", scope, send)
            return
        # The address includes the host: a path that begins with // would otherwise lead to another site.
        location = f"http://{header(scope, b'host')}{raw_path(scope)}{_query_without_ticket(scope)}"
        headers = [*_PRIVATE, (b"location", location.encode("latin-1"))]
        if session is not None:
            cookie = f"{self._sessions.cookie}={session}; Path=/; Max-Age={SESSION_SECONDS:.0f}; HttpOnly; SameSite=Lax"
            headers.append((b"set-cookie", cookie.encode()))
        await respond(send, 303, b"", "text/plain", headers)

    def _has_session(self, key: AppKey, scope: Scope) -> bool:
        """Return whether the browser has a session, and the request comes from the app's own page."""
        origin = header(scope, b"origin")
        if not _is_own_host(key, scope) or origin not in (None, f"http://{header(scope, b'host')}"):
            return False
        cookies = (pair.partition("=") for pair in _cookies(scope["headers"]))
        return any(name == self._sessions.cookie and self._sessions.knows(key, value) for name, _, value in cookies)

    async def _refuse(self, key: AppKey, reason: str, scope: Scope, send: Send) -> None:
        message = (
            f"app {key} takes calls of its declared callers only: {reason}. In the Pulumi program, pass the App in the"
            " caller's inputs and call it through flyte_runtime.app(alias); for a browser, run"
            f" `flyte-local open {key}`"
        )
        headers: list[Header] = [*_PRIVATE, (b"www-authenticate", f'{CREDENTIAL_HEADER} realm="{key}"'.encode())]
        if "text/html" not in (header(scope, b"accept") or ""):
            await respond_error(send, 401, message, headers)
            return
        console = self._context.url + PageScope(key.project, key.domain).resource("apps", key.name)
        text = f"{message}, or open it from its page in the console."
        await respond_page(send, 401, "Not let in", text, (console, "Its page in the console"), headers)


def guard_of(app: App) -> Guard | None:
    """Return the guard of a declaration, or None if the app is open. Unreadable wiring admits no caller."""
    try:
        environment = workload(app.spec).environment
    except InvalidAppError:
        return None  # the app cannot run
    if environment.get(AUTH_VARIABLE) != "true":
        return None
    return Guard(_verifier(environment.get(WIRING_VARIABLE, "")))


def entrance(sessions: BrowserSessions, app: ManagedApp) -> str:
    """Return an address that lets a browser into an app. It is the plain address if the app is open."""
    return sessions.address(app.key) if guard_of(app.app) is None else sessions.link(app.key)


@lru_cache(maxsize=256)
def _verifier(document: str) -> Verifier | None:
    try:
        auth = Wiring.from_json(document).auth if document else None
        return Verifier(auth) if auth is not None else None
    except ValueError:
        return None


def _reason(guard: Guard, credentials: list[bytes]) -> str | None:
    """Return the reason to reject credentials, or None if they are valid."""
    if len(credentials) > 1:
        return "the call carries several credentials"
    if guard.verifier is None:
        return "it has no declared callers"
    result = guard.verifier.verify(credentials[0].decode("latin-1"))
    return result.reason if isinstance(result, Refusal) else None


def _is_own_host(key: AppKey, scope: Scope) -> bool:
    """Return whether the request came by the app's own host. Only that host has the cookie."""
    return (header(scope, b"host") or "").lower().rpartition(":")[0].rstrip(".") == f"{key.host_label}.localhost"


def _cookies(headers: list[Header]) -> list[str]:
    """Return the cookies of a request, each as `name=value`."""
    texts = [value.decode("latin-1") for name, value in headers if name == b"cookie"]
    return [pair.strip() for text in texts for pair in text.split(";")]


def _without_cookie(headers: list[Header], name: str) -> list[Header]:
    """Return the headers for the app. The session is between the browser and this server."""
    remaining = [pair for pair in headers if pair[0] != b"cookie"]
    cookies = "; ".join(pair for pair in _cookies(headers) if pair.partition("=")[0] != name)
    return [*remaining, (b"cookie", cookies.encode("latin-1"))] if cookies else remaining


def _query_without_ticket(scope: Scope) -> str:
    parts = scope["query_string"].decode("latin-1").split("&")
    remaining = "&".join(part for part in parts if unquote(part.partition("=")[0]) != TICKET)
    return f"?{remaining}" if remaining else ""
