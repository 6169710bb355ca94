"""The console: HTML pages at the addresses of Flyte's console, so that the links of SDK and CLI work.

    /v2                                     all projects
    /v2/domain/D/project/P                  one project; below both of these:
        …/apps, runs, tasks, triggers, secrets, images, graph
        …/apps/NAME   …/runs/NAME?i=ACTION   …/tasks/NAME   …/triggers/TASK/NAME
        …/log, …/live                       below an app or a run: its log as text, and as it is written
        …/restart, …/abort …                POST: the buttons

Pages show no specification and no variable, and only the names of secrets. The secrets of workloads are masked in
their output.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from flyte_local.composition import Parts
from flyte_local.console.action_log import ActionLog
from flyte_local.console.apps import app_list, app_log, app_page, find_app
from flyte_local.console.commands import Command, abort_run, change_app, switch_trigger
from flyte_local.console.forms import Forms
from flyte_local.console.graph import graph_page
from flyte_local.console.images import image_list
from flyte_local.console.logs import LiveLogs, Log
from flyte_local.console.not_found import not_found_page
from flyte_local.console.overview import overview
from flyte_local.console.rendering import STATIC_FOLDER, STATIC_PATH, Renderer, View, policy
from flyte_local.console.requests import PageRequest
from flyte_local.console.run_list import run_list
from flyte_local.console.run_page import attempt_of, run_page
from flyte_local.console.secrets import secret_list
from flyte_local.console.tasks import task_list, task_page
from flyte_local.console.triggers import trigger_list, trigger_page
from flyte_local.runs.records import ROOT
from flyte_local.state.data_files import REPORT, uri
from flyte_local.web.paths import Scope as PageScope
from flyte_local.web.paths import address, with_query
from flyte_local.web.store_files import relative_path

_REPORT_SECONDS = 600.0
_PROJECT = "/v2/domain/{domain}/project/{project}"
_LISTS: dict[str, Callable[[PageRequest], View]] = {
    "": overview,
    "/apps": app_list,
    "/runs": run_list,
    "/tasks": task_list,
    "/triggers": trigger_list,
    "/secrets": secret_list,
    "/images": image_list,
    "/graph": graph_page,
}
_PAGES: dict[str, Callable[[PageRequest], View | None]] = {
    "/apps/{name}": app_page,
    "/runs/{name}": run_page,
    "/tasks/{name}": task_page,
    "/tasks/{name}/{rest:path}": task_page,
    "/triggers/{task}/{name}": trigger_page,
}
_BUTTONS: dict[str, Command] = {
    "/apps/{name}/{verb}": change_app,
    "/runs/{name}/abort": abort_run,
    "/triggers/{task}/{name}/{verb}": switch_trigger,
}


class Console:
    """The ASGI application."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._forms = Forms()
        self._renderer = Renderer(self._forms.token, parts.context.port)
        self._live = LiveLogs()
        self._policy = policy(parts.context.port)
        self._application = Starlette(
            routes=self._routes(), exception_handlers={404: self._not_found, 405: self._not_allowed}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await self._application(scope, receive, send)

    def end_streams(self) -> None:
        """End the logs that are followed."""
        self._live.end()

    def _routes(self) -> list[BaseRoute]:
        return [
            Mount(STATIC_PATH, _ImmutableFiles(directory=STATIC_FOLDER)),
            Route("/", self._page(overview)),
            *(Route(f"/v2{path}", self._page(make)) for path, make in _LISTS.items()),
            *(Route(_PROJECT + path, self._page(make)) for path, make in {**_LISTS, **_PAGES}.items()),
            Route(_PROJECT + "/runs/{name}/report", self._report),
            Route(_PROJECT + "/{kind}/{name}/log", self._whole_log),
            Route(_PROJECT + "/{kind}/{name}/live", self._live_log),
            *(Route(_PROJECT + path, self._button(run), methods=["POST"]) for path, run in _BUTTONS.items()),
        ]

    def _page(self, make: Callable[[PageRequest], View | None]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            # In a thread: making a page reads files, or many records.
            view = await asyncio.to_thread(make, self._page_request(request))
            if view is None:
                raise HTTPException(404)
            return self._response(view, notice=request.query_params.get("done", ""))

        return endpoint

    def _button(self, run: Command) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            scope = _page_scope(request)
            refusal = await self._forms.refusal(request)
            if refusal is not None:
                return self._response(View("message", "Not done", f"This was not done: {refusal}.", scope, status=403))
            done = await run(self._parts, scope, request.path_params)
            if done is None:
                raise HTTPException(404)
            path = with_query(done.path, {"done": done.notice}) if done.notice else done.path
            return Response(status_code=303, headers={"location": address(path), **self._policy})

        return endpoint

    async def _whole_log(self, request: Request) -> Response:
        text = await asyncio.to_thread(self._log(request).whole)
        # Browsers must not take it for anything else: the app decides what is in its log.
        headers = {
            "cache-control": "no-store",
            "content-security-policy": "sandbox; default-src 'none'",
            "x-content-type-options": "nosniff",
        }
        return Response(text.encode("utf-8", "replace"), media_type="text/plain; charset=utf-8", headers=headers)

    async def _live_log(self, request: Request) -> Response:
        position = request.headers.get("last-event-id") or request.query_params.get("from", "")
        events = self._live.events(self._log(request), position)
        headers = {
            "cache-control": "no-store",
            "content-type": "text/event-stream",
            "x-content-type-options": "nosniff",
        }
        return StreamingResponse(events, headers=headers)

    async def _report(self, request: Request) -> Response:
        """Redirect to a signed address of an attempt's report."""
        key, attempt = self._attempt(request)
        file = self._parts.records.attempt_folder(key, attempt) / REPORT
        relative = relative_path(self._parts.context.home, uri(file)) if file.is_file() else None
        if relative is None:
            raise HTTPException(404)
        report = self._parts.signer.download(relative, time.time() + _REPORT_SECONDS)
        return RedirectResponse(report, status_code=303, headers=self._policy)

    def _log(self, request: Request) -> Log:
        if request.path_params["kind"] == "apps":
            app = find_app(self._page_request(request))
            if app is not None:
                return app_log(self._parts, app, request.query_params)
        elif request.path_params["kind"] == "runs":
            return ActionLog(self._parts, *self._attempt(request))
        raise HTTPException(404)

    def _attempt(self, request: Request) -> tuple[str, int]:
        """Return the key of the action that a query names, and its attempt."""
        name, parameters = request.path_params["name"], request.query_params
        key = f"{_page_scope(request).prefix}{name}/{parameters.get('i') or ROOT}"
        action = self._parts.records.action(key)
        attempt = attempt_of(action, parameters.get("attempt", "")) if action is not None else 0
        if not attempt:
            raise HTTPException(404)
        return key, attempt

    async def _not_found(self, request: Request, _: Exception) -> Response:
        scope, parts = _split(request.scope["path"])
        page_request = PageRequest(self._parts, scope, self._parts.supervisor.apps())
        return self._response(await asyncio.to_thread(not_found_page, page_request, parts))

    async def _not_allowed(self, request: Request, error: Exception) -> Response:
        if request.method in ("GET", "HEAD"):
            return await self._not_found(request, error)  # the address of a button
        return self._response(View("message", "Not allowed", "This page can only be read.", status=405))

    def _page_request(self, request: Request) -> PageRequest:
        apps = self._parts.supervisor.apps()
        return PageRequest(self._parts, _page_scope(request), apps, request.path_params, request.query_params)

    def _response(self, view: View, notice: str = "") -> Response:
        page = self._renderer.render(view, notice)
        return Response(page, view.status, self._policy, "text/html; charset=utf-8")


class _ImmutableFiles(StaticFiles):
    """Files whose addresses change with their content."""

    def file_response(self, *arguments: Any, **options: Any) -> Response:
        """Return the file, for browsers to keep."""
        response = super().file_response(*arguments, **options)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        response.headers["x-content-type-options"] = "nosniff"
        return response


def _page_scope(request: Request) -> PageScope:
    names = request.path_params
    return PageScope(names.get("project", ""), names.get("domain", ""))


def _split(path: str) -> tuple[PageScope, list[str]]:
    """Return the scope of an address and the parts below it."""
    match path.strip("/").split("/"):
        case ["v2", "domain", domain, "project", project, *parts] if domain and project:
            return PageScope(project, domain), parts
        case ["v2", *parts]:
            return PageScope(), parts
    return PageScope(), []
