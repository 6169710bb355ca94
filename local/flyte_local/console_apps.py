"""The console's pages about apps."""

from __future__ import annotations

from urllib.parse import quote

from flyte_local.app_logs import AppLogs
from flyte_local.app_state import ManagedApp
from flyte_local.console_html import Html, facts, join, link, moment, phase, preformatted, section, table
from flyte_local.console_paths import resource_path, scope_path
from flyte_local.context import Context
from flyte_local.proxy_auth import guard_of
from flyte_local.redaction import app_workload, mask_of
from flyte_local.supervisor import Supervisor

_LOG_LINES = 200
_EVENTS = 20


def app_list(context: Context, supervisor: Supervisor, project: str, domain: str) -> Html:
    """Apps with their status; empty arguments mean all."""
    rows = [
        (
            link(_path(app), app.key.name),
            app.key.project,
            app.key.domain,
            phase(app.status().phase),
            link(f"http://{app.key.host_label}.localhost:{context.port}/", "open"),
        )
        for app in supervisor.apps()
        if project in ("", app.key.project) and domain in ("", app.key.domain)
    ]
    return section("Apps", table(("App", "Project", "Domain", "Status", ""), rows))


def app_page(context: Context, supervisor: Supervisor, app: ManagedApp) -> Html:
    """One app: status, endpoint, the end of its log, what happened to it."""
    key, status = app.key, app.status()
    logs = AppLogs(context.home.app(key.project, key.domain, key.name) / "logs")
    revisions = logs.revisions()
    lines = logs.tail(revisions[-1], _LOG_LINES) if revisions else []
    mask = mask_of(context, app_workload(key))
    events = supervisor.events.list(key.project, key.domain, key.name)[-_EVENTS:]
    endpoint = context.url + key.path
    return join(
        (
            Html(f"<p>{link(scope_path(key.project, key.domain), f'{key.project} / {key.domain}')}</p>"),
            facts(
                (
                    ("Status", phase(status.phase)),
                    ("", status.message),
                    ("Revision", status.revision),
                    ("Endpoint", link(f"{endpoint}/", endpoint)),
                    *_entrance(app),
                )
            ),
            section("Log", preformatted(mask(line.text) for line in lines)),
            section(
                "Events",
                table(
                    ("Time", "Revision", "Event", ""),
                    [(moment(e.at), e.revision, e.event, e.detail) for e in events],
                ),
            ),
        )
    )


def _entrance(app: ManagedApp) -> list[tuple[str, Html]]:
    """Where credentials are required: a button that lets this browser in."""
    if guard_of(app.app) is None:
        return []
    action = f"/local/v1/open?app={quote(str(app.key))}"
    return [("Callers", Html(f"<form method=post action='{action}'><button>Open in this browser</button></form>"))]


def _path(app: ManagedApp) -> str:
    return resource_path(app.key.project, app.key.domain, "apps", app.key.name)
