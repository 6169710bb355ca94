"""A small console in plain HTML, at the addresses that Flyte's console uses, so that printed links work.

It shows names, states, errors and the ends of logs. It shows no specification, no variable, no input, and of a secret
nothing but its name and where it is valid. It can only be read.
"""

from __future__ import annotations

import asyncio

from flyte_local.app_key import AppKey
from flyte_local.asgi import Receive, Scope, Send, respond
from flyte_local.console_apps import app_list, app_page
from flyte_local.console_html import Html, join, page, section, table
from flyte_local.console_runs import run_list, run_page
from flyte_local.console_tasks import task_list, task_page
from flyte_local.context import Context
from flyte_local.records import Records
from flyte_local.shared import shared
from flyte_local.supervisor import Supervisor
from flyte_local.tasks import Tasks
from flyte_local.triggers import Triggers
from flyte_local.vault import Vault

_HEADERS = [
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
]
_ALL = ("apps", "tasks", "runs", "secrets")


class Console:
    """The pages."""

    def __init__(self, context: Context, supervisor: Supervisor) -> None:
        self._context = context
        self._supervisor = supervisor
        self._records = shared(context, Records)
        self._tasks = shared(context, Tasks)
        self._triggers = shared(context, Triggers)
        self._vault = shared(context, Vault)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`/` lists everything, `/v2/domain/D/project/P` a project, `…/apps/N`, `…/tasks/N` and `…/runs/N` show one."""
        if scope["method"] not in ("GET", "HEAD"):
            await self._send(send, 405, "Not allowed", Html("<p>This page can only be read.</p>"))
            return
        title, body = "Not found", None
        match scope["path"].strip("/").split("/"):
            case [""] | ["v2"]:
                title, body = "Flyte, local", await self._lists("", "", "apps", "tasks", "runs")
            case ["v2", "domain", domain, "project", project]:
                title, body = f"{project} / {domain}", await self._lists(project, domain, *_ALL)
            case ["v2", "domain", domain, "project", project, kind] if kind in _ALL:
                title, body = f"{project} / {domain}", await self._lists(project, domain, kind)
            case ["v2", "domain", domain, "project", project, "apps", title]:
                app = self._supervisor.find(AppKey(project, domain, title))
                body = app_page(self._context, self._supervisor, app) if app is not None else None
            case ["v2", "domain", domain, "project", project, "tasks", title, *_]:
                body = await self._task(project, domain, title)
            case ["v2", "domain", domain, "project", project, "triggers", title, _]:
                body = await self._task(project, domain, title)
            case ["v2", "domain", domain, "project", project, "runs", title, *_]:
                body = await asyncio.to_thread(run_page, self._context, self._records, project, domain, title)
        if body is None:
            body = Html("<p>There is nothing of that name here. <a href='/'>Everything is here</a>.</p>")
            await self._send(send, 404, title, body)
        else:
            await self._send(send, 200, title, body)

    async def _lists(self, project: str, domain: str, *kinds: str) -> Html:
        parts = []
        if "apps" in kinds:
            parts.append(app_list(self._context, self._supervisor, project, domain))
        if "tasks" in kinds:
            parts.append(await asyncio.to_thread(task_list, self._tasks, self._triggers, project, domain))
        if "runs" in kinds:
            parts.append(await asyncio.to_thread(run_list, self._records, project, domain))
        if "secrets" in kinds:
            parts.append(self._secrets(project, domain))
        return join(parts)

    async def _task(self, project: str, domain: str, name: str) -> Html | None:
        return await asyncio.to_thread(task_page, self._tasks, self._triggers, self._records, project, domain, name)

    def _secrets(self, project: str, domain: str) -> Html:
        """The names that mean something here, the nearest scope first, which is the one that counts."""
        scopes = ((project, domain, "here"), ("", domain, "the domain"), ("", "", "everywhere"))
        rows = [(found.name, where) for p, d, where in scopes for found in self._vault.identifiers(p, d)]
        return section("Secrets", table(("Name", "Valid in"), rows))

    async def _send(self, send: Send, status: int, title: str, body: Html) -> None:
        await respond(send, status, page(title, body), "text/html; charset=utf-8", _HEADERS)
