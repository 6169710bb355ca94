"""The console: pages in plain HTML at the addresses of Flyte's console, so that the links which SDK and CLI print work.

    /v2                                     all projects
    /v2/domain/D/project/P                  one of them; below both of these:
        …/apps, runs, tasks, triggers, secrets, images, graph
        …/apps/NAME   …/runs/NAME?i=ACTION   …/tasks/NAME   …/triggers/TASK/NAME
        …/log, …/live                       below an app or a run: its log as text, and as it is written
        …/restart, …/abort …                POST: what the buttons do

It shows no specification and no variable, and of a secret nothing but its name; what workloads were given of secrets is
masked wherever they printed it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from flyte_local.console.action_log import ActionLog
from flyte_local.console.apps import app_list, app_log, app_page
from flyte_local.console.backend import ConsoleBackend
from flyte_local.console.commands import act
from flyte_local.console.files import PREFIX, find, send_file
from flyte_local.console.forms import Forms
from flyte_local.console.graph import graph_page
from flyte_local.console.images import image_list
from flyte_local.console.logs import LiveLogs, Log, send_whole
from flyte_local.console.not_found import not_found_page
from flyte_local.console.overview import overview
from flyte_local.console.page import Page, policy, render
from flyte_local.console.run_list import run_list
from flyte_local.console.run_page import attempt_of, run_page
from flyte_local.console.secrets import secret_list
from flyte_local.console.tasks import task_list, task_page
from flyte_local.console.triggers import trigger_list, trigger_page
from flyte_local.console.wiring import wiring_of
from flyte_local.runs.records import ROOT
from flyte_local.state.data_files import REPORT, uri
from flyte_local.web.asgi import Receive, Send, header, query, respond
from flyte_local.web.asgi import Scope as Request
from flyte_local.web.html import Html, address, join, tag
from flyte_local.web.html import query as with_query
from flyte_local.web.paths import Scope
from flyte_local.web.store_files import relative_path
from flyte_local.wire.app_key import AppKey

_REPORT_SECONDS = 600.0


class Console:
    """The ASGI application."""

    def __init__(self, backend: ConsoleBackend) -> None:
        self._backend = backend
        self._supervisor = backend.supervisor
        self._records = backend.records
        self._forms = Forms()
        self._live = LiveLogs()

    async def __call__(self, request: Request, receive: Receive, send: Send) -> None:
        """GET and HEAD of pages, POST of buttons."""
        path, method = request["path"], request["method"]
        if path.startswith(PREFIX) and (file := find(path)) is not None:
            await send_file(send, file)
            return
        scope, parts = _parse(path)
        if method == "POST" and scope is not None and scope.project:
            await self._post(request, scope, parts, receive, send)
        elif method not in ("GET", "HEAD"):
            await self._send(send, Page("Not allowed", tag("p", "This page can only be read."), status=405))
        elif scope is None:
            await self._missing(send, Scope(), ["", path])
        else:
            await self._get(request, scope, parts, receive, send)

    def end_streams(self) -> None:
        """Ends the logs that are followed."""
        self._live.end()

    async def _get(self, request: Request, scope: Scope, parts: list[str], receive: Receive, send: Send) -> None:
        parameters = query(request)
        if parts[2:] in (["log"], ["live"]) and (log := self._log(scope, parts, parameters)) is not None:
            if parts[2] == "log":
                await send_whole(send, log)
            elif request["method"] == "GET":
                position = header(request, b"last-event-id") or parameters.get("from", "")
                await self._live.stream(log, position, receive, send)
            return
        if parts[2:] == ["report"] and (report := self._report(scope, parts, parameters)) is not None:
            await respond(
                send, 303, b"", "text/plain", [(b"location", report.encode()), *policy(self._backend.context.port)]
            )
            return
        page = await self._page(scope, parts, parameters)
        if page is None:
            await self._missing(send, scope, parts)
        else:
            await self._send(send, page)

    async def _post(self, request: Request, scope: Scope, parts: list[str], receive: Receive, send: Send) -> None:
        refusal = await self._forms.refusal(request, receive)
        if refusal is not None:
            text = join(("This was not done: ", refusal, "."))
            await self._send(send, Page("Not done", tag("p", text), scope, status=403))
            return
        done = await act(self._backend, scope, parts)
        if done is None:
            await self._missing(send, scope, parts)
            return
        to = with_query(done.path, {"done": done.notice}) if done.notice else done.path
        headers = [(b"location", address(to).encode()), *policy(self._backend.context.port)]
        await respond(send, 303, b"", "text/plain", headers)

    async def _page(self, scope: Scope, parts: list[str], parameters: Mapping[str, str]) -> Page | None:
        """The page of an address below a scope; None where there is none."""
        backend, supervisor, forms = self._backend, self._supervisor, self._forms
        apps = supervisor.apps()  # here, since the event loop alone changes which there are
        triggers = backend.triggers
        body: Html | None
        match parts:
            case []:
                return Page(scope.title, await asyncio.to_thread(overview, backend, apps, scope), scope)
            case ["apps"]:
                body = app_list(backend, apps, scope, parameters)
            case ["runs"]:
                body = await self._apart(run_list, self._records, scope, parameters)
            case ["tasks"]:
                body = await self._apart(task_list, backend, scope, parameters)
            case ["triggers"]:
                body = await self._apart(trigger_list, triggers, forms, scope, parameters)
            case ["secrets"]:
                body = await self._apart(secret_list, backend.vault, scope, parameters)
            case ["images"]:
                body = await self._apart(image_list, backend.images, parameters)
            case ["graph"]:
                body = graph_page(await asyncio.to_thread(wiring_of, apps, backend.tasks, scope), scope)
            case ["apps", name] if scope.project:
                app = supervisor.find(AppKey(scope.project, scope.domain, name))
                body = await self._apart(app_page, backend, apps, forms, app, parameters) if app is not None else None
            case ["tasks", name, *_] if scope.project:
                body = await self._apart(task_page, backend, apps, forms, scope, name, parameters)
            case ["triggers", task, name] if scope.project:
                body = await self._apart(trigger_page, triggers, forms, self._records, scope, task, name)
            case ["runs", name] if scope.project:
                body = await self._apart(run_page, backend, forms, scope, name, parameters)
            case _:
                return None
        title = (
            parts[-1]
            if len(parts) > 1
            else f"{parts[0].capitalize()} of {scope.title}"
            if scope.project
            else parts[0].capitalize()
        )
        return Page(title, body, scope, parts[0], notice=parameters.get("done", "")) if body is not None else None

    async def _apart(self, make: Callable[..., Html | None], *arguments: object) -> Html | None:
        """Off the event loop: it reads files, or as many records as there are."""
        return await asyncio.to_thread(make, *arguments)

    def _log(self, scope: Scope, parts: list[str], parameters: Mapping[str, str]) -> Log | None:
        kind, name, _ = parts
        if kind == "apps":
            app = self._supervisor.find(AppKey(scope.project, scope.domain, name))
            return app_log(self._backend, app, parameters) if app is not None else None
        found = self._attempt(scope, name, parameters) if kind == "runs" else None
        return ActionLog(self._backend, *found) if found is not None else None

    def _report(self, scope: Scope, parts: list[str], parameters: Mapping[str, str]) -> str | None:
        """A signed address of an attempt's report."""
        found = self._attempt(scope, parts[1], parameters) if parts[0] == "runs" else None
        if found is None:
            return None
        file = self._records.attempt_folder(*found) / REPORT
        relative = relative_path(self._backend.context.home, uri(file)) if file.is_file() else None
        return self._backend.signer.download(relative, time.time() + _REPORT_SECONDS) if relative is not None else None

    def _attempt(self, scope: Scope, run: str, parameters: Mapping[str, str]) -> tuple[str, int] | None:
        """The key of the action that a query names, and its attempt."""
        key = f"{scope.prefix}{run}/{parameters.get('i') or ROOT}"
        action = self._records.action(key)
        attempt = attempt_of(action, parameters.get("attempt", "")) if action is not None else 0
        return (key, attempt) if attempt else None

    async def _missing(self, send: Send, scope: Scope, parts: list[str]) -> None:
        page = await asyncio.to_thread(not_found_page, self._backend, self._supervisor.apps(), scope, parts)
        await self._send(send, page)

    async def _send(self, send: Send, page: Page) -> None:
        await respond(send, page.status, render(page), "text/html; charset=utf-8", policy(self._backend.context.port))


def _parse(path: str) -> tuple[Scope | None, list[str]]:
    """The scope of a path and what is below it; no scope where it is none of the console's."""
    match path.strip("/").split("/"):
        case [""]:
            return Scope(), []
        case ["v2", "domain", domain, "project", project, *rest] if domain and project:
            return Scope(project, domain), rest
        case ["v2", *rest]:
            return Scope(), rest
    return None, []
