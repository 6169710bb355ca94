"""A small console in plain HTML, at the addresses that Flyte's console uses, so that printed links work."""

from __future__ import annotations

import time
from html import escape

from flyteidl2.workflow.run_definition_pb2 import ActionDetails

from flyte_local.app_key import AppKey
from flyte_local.app_logs import AppLogs
from flyte_local.app_state import ManagedApp
from flyte_local.asgi import Receive, Scope, Send, respond
from flyte_local.context import Context
from flyte_local.supervisor import Supervisor

_LOG_LINES = 200
_MAX_RUNS = 200
_HEADERS = [
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
]
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem;color:#222;background:#fff}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #ddd}
pre{background:#f5f5f5;padding:1rem;overflow:auto;font-size:13px}.active{color:#067d32}.failed{color:#b3261e}
@media(prefers-color-scheme:dark){body{background:#161616;color:#ddd}pre{background:#222}td,th{border-color:#333}a{color:#8ab4f8}}
"""


class Console:
    """The pages."""

    def __init__(self, context: Context, supervisor: Supervisor) -> None:
        self._context = context
        self._supervisor = supervisor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`/` lists everything, `/v2/domain/D/project/P/apps/N` shows an app, `…/runs/R` a run."""
        if scope["method"] not in ("GET", "HEAD"):
            await self._send(send, 405, "Not allowed", "<p>This page can only be read.</p>")
            return
        match scope["path"].strip("/").split("/"):
            case [""] | ["v2"]:
                await self._send(send, 200, "Flyte, local", self._apps("", "") + self._runs("", ""))
            case ["v2", "domain", domain, "project", project]:
                await self._send(send, 200, f"{project} / {domain}", self._lists(project, domain))
            case ["v2", "domain", domain, "project", project, "apps" | "tasks" | "runs"]:
                await self._send(send, 200, f"{project} / {domain}", self._lists(project, domain))
            case ["v2", "domain", domain, "project", project, "apps", name]:
                app = self._supervisor.find(AppKey(project, domain, name))
                if app is None:
                    await self._send(send, 404, name, f"<p>No app {escape(name)} here.</p>")
                else:
                    await self._send(send, 200, name, self._app(app))
            case ["v2", "domain", domain, "project", project, "runs", run, *_]:
                await self._send(send, 200, run, self._run(project, domain, run))
            case _:
                await self._send(send, 404, "Not found", "<p>No such page. <a href='/'>Everything is here</a>.</p>")

    def _lists(self, project: str, domain: str) -> str:
        return self._apps(project, domain) + self._runs(project, domain)

    def _apps(self, project: str, domain: str) -> str:
        rows = "".join(
            f"<tr><td><a href='{_console_path(a.key)}'>{escape(a.key.name)}</a></td><td>{escape(a.key.project)}</td>"
            f"<td>{escape(a.key.domain)}</td>{_phase(a)}<td><a href='{self._host_url(a.key)}'>open</a></td></tr>"
            for a in self._supervisor.apps()
            if (not project or a.key.project == project) and (not domain or a.key.domain == domain)
        )
        head = "<tr><th>App</th><th>Project</th><th>Domain</th><th>Status</th><th></th></tr>"
        return f"<h2>Apps</h2><table>{head}{rows}</table>" if rows else "<h2>Apps</h2><p>None yet.</p>"

    def _app(self, app: ManagedApp) -> str:
        key = app.key
        logs = AppLogs(self._context.home.app(key.project, key.domain, key.name) / "logs")
        revisions = logs.revisions()
        lines = logs.tail(revisions[-1], _LOG_LINES) if revisions else []
        events = self._supervisor.events.list(key.project, key.domain, key.name)[-20:]
        rows = "".join(
            f"<tr><td>{_time(e.at)}</td><td>{e.revision}</td><td>{escape(e.event)}</td><td>{escape(e.detail)}</td></tr>"
            for e in events
        )
        endpoint = escape(self._context.url + key.path)
        return (
            f"<p><a href='/'>Apps</a> / {escape(str(key))}</p><table><tr><th>Status</th>{_phase(app)}</tr>"
            f"<tr><th></th><td>{escape(app.status().message)}</td></tr>"
            f"<tr><th>Endpoint</th><td><a href='{endpoint}/'>{endpoint}</a></td></tr></table>"
            f"<h2>Log</h2><pre>{escape(chr(10).join(line.text for line in lines))}</pre>"
            f"<h2>Events</h2><table>{rows}</table>"
        )

    def _runs(self, project: str, domain: str) -> str:
        rows = ""
        for key, details in self._actions(project, domain):
            run_project, run_domain, run, action = key.split("/", 3)
            if action != "a0":
                continue
            path = escape(f"/v2/domain/{run_domain}/project/{run_project}/runs/{run}")
            rows += (
                f"<tr><td><a href='{path}'>{escape(run)}</a></td><td>{escape(run_project)}</td>"
                f"<td>{escape(run_domain)}</td><td>{escape(_run_phase(details))}</td></tr>"
            )
        head = "<tr><th>Run</th><th>Project</th><th>Domain</th><th>Phase</th></tr>"
        return f"<h2>Runs</h2><table>{head}{rows}</table>" if rows else "<h2>Runs</h2><p>None yet.</p>"

    def _run(self, project: str, domain: str, run: str) -> str:
        rows = "".join(
            f"<tr><td>{escape(key.split('/', 3)[3])}</td><td>{escape(_run_phase(details))}</td>"
            f"<td>{escape(details.error_info.message[:2000])}</td></tr>"
            for key, details in self._actions(project, domain, run)
        )
        head = "<tr><th>Action</th><th>Phase</th><th>Error</th></tr>"
        return f"<p><a href='/'>Runs</a> / {escape(f'{project}/{domain}/{run}')}</p><table>{head}{rows}</table>"

    def _actions(self, project: str, domain: str, run: str = "") -> list[tuple[str, ActionDetails]]:
        prefix = f"{project}/{domain}/" if project and domain else ""
        found = self._context.store.list("action", f"{prefix}{run}/" if run else prefix)
        return [(key, ActionDetails.FromString(body)) for key, body in found[-_MAX_RUNS:]]

    def _host_url(self, key: AppKey) -> str:
        return escape(f"http://{key.host_label}.localhost:{self._context.port}/")

    async def _send(self, send: Send, status: int, title: str, body: str) -> None:
        page = (
            f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>"
            f"<style>{_STYLE}</style><h1>{escape(title)}</h1>{body}</html>"
        )
        await respond(send, status, page.encode(), "text/html; charset=utf-8", _HEADERS)


def _console_path(key: AppKey) -> str:
    return escape(f"/v2/domain/{key.domain}/project/{key.project}/apps/{key.name}")


def _phase(app: ManagedApp) -> str:
    phase = app.status().phase
    return f"<td class={phase}>{phase}</td>"


def _run_phase(details: ActionDetails) -> str:
    field = details.status.DESCRIPTOR.fields_by_name["phase"]
    value = field.enum_type.values_by_number.get(details.status.phase)
    return value.name.removeprefix("ACTION_PHASE_").lower() if value else "unknown"


def _time(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))
