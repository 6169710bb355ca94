"""The console's pages about apps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flyte_local.apps.app import ManagedApp
from flyte_local.apps.scaling import scaling
from flyte_local.console.app_log import AppLog
from flyte_local.console.app_phase import app_phase
from flyte_local.console.backend import ConsoleBackend
from flyte_local.console.forms import Forms
from flyte_local.console.graph import neighbours
from flyte_local.console.logs import log_view
from flyte_local.console.pagination import cut, number, pages
from flyte_local.console.wiring import Node, wiring_of
from flyte_local.proxy.gate import guard_of
from flyte_local.state.context import Context
from flyte_local.web.html import Html, facts, html, join, link, moment, phase, query, section, table, tag
from flyte_local.web.paths import Scope, resource_link, resource_path

_EVENTS = 20
_MOST_OF_A_MESSAGE = 3000


def app_list(backend: ConsoleBackend, apps: Sequence[ManagedApp], scope: Scope, parameters: Mapping[str, str]) -> Html:
    """Apps with their status."""
    page = number(parameters.get("page", ""))
    found = [app for app in apps if scope.holds(app.key.project, app.key.domain)]
    place = () if scope.project else ("Project",)
    rows = [_row(backend.context, app, scope) for app in cut(found, page)]
    empty = "None yet: deploy one with `pulumi up` or `flyte deploy`."
    shown = table(("App", *place, "Status", "Replicas", "Revision", "Address"), rows, empty, "Apps")
    body = join((shown, pages(f"{scope.path}/apps", {}, page, len(found))))
    return section("Apps", body, tag("span", f"{len(found)} in all", class_="quiet"))


def app_page(
    backend: ConsoleBackend, apps: Sequence[ManagedApp], forms: Forms, app: ManagedApp, parameters: Mapping[str, str]
) -> Html:
    """One app of `apps`: its status, its buttons, what it is wired to, its log, what happened to it."""
    context = backend.context
    key, status, shown_phase = app.key, app.status(), app_phase(app)
    scope = Scope(key.project, key.domain)
    path = resource_path(key.project, key.domain, "apps", key.name)
    mask = backend.app_mask(key)
    bounds = scaling(app.app.spec.autoscaling)
    most = f"{bounds.least} to {bounds.most}" if bounds.least != bounds.most else str(bounds.most)
    host = f"http://{key.host_label}.localhost:{context.port}/"
    message = mask(status.message)
    events = backend.supervisor.events.list(key.project, key.domain, key.name)[-_EVENTS:]
    node = Node("app", key.project, key.domain, key.name)
    return join(
        (
            facts(
                (
                    ("Status", tag("span", shown_phase, class_=f"phase {shown_phase}", data_status="phase")),
                    ("", tag("span", message[-_MOST_OF_A_MESSAGE:], data_status="message")),
                    ("Since", moment(status.since)),
                    ("Revision", status.revision),
                    ("Replicas", join((tag("span", app.replicas, data_status="replicas"), f" (wanted: {most})"))),
                    ("Address", join((link(host, host), Html("<br>"), tag("code", context.url + key.path)))),
                    ("Callers", "its declared callers, and a browser that was let in" if guard_of(app.app) else ""),
                )
            ),
            _buttons(forms, app, path),
            neighbours(wiring_of(apps, backend.tasks, scope), node, scope),
            _log(AppLog(backend, app, *_replica(parameters)), path, parameters),
            section(
                "Events",
                table(
                    ("Time", "Revision", "Event", "Detail"),
                    [(moment(e.at), e.revision, e.event, mask(e.detail)[:300]) for e in reversed(events)],
                    label="Events",
                ),
            ),
        )
    )


def app_log(backend: ConsoleBackend, app: ManagedApp, parameters: Mapping[str, str]) -> AppLog:
    """The log that a query asks for."""
    return AppLog(backend, app, *_replica(parameters))


def _row(context: Context, app: ManagedApp, scope: Scope) -> tuple[object, ...]:
    key, status = app.key, app.status()
    where = Scope(key.project, key.domain)
    host = f"http://{key.host_label}.localhost:{context.port}/"
    return (
        resource_link(key.project, key.domain, "apps", key.name),
        *(() if scope.project else (link(where.path, where.title),)),
        phase(app_phase(app)),
        app.replicas,
        status.revision,
        link(host, "Open"),
    )


def _buttons(forms: Forms, app: ManagedApp, path: str) -> Html:
    name = app.key.name
    if app.record.stopped:
        found = [forms.button(f"{path}/start", "Start", name)]
    else:
        found = [forms.button(f"{path}/restart", "Restart", name), forms.button(f"{path}/stop", "Stop", name)]
    if guard_of(app.app) is not None:
        found.append(forms.button(f"{path}/open", "Open in this browser", name))
    return tag("div", join(found), class_="buttons")


def _log(log: AppLog, path: str, parameters: Mapping[str, str]) -> Html:
    """The log, and the ways to those of other replicas and earlier revisions."""
    revision, replica = _replica(parameters)
    view = log_view(log, path, query("", {"revision": revision, "replica": replica if replica > 1 else None}))
    links = []
    for found in log.logs.revisions()[::-1]:
        for number_ in log.logs.replicas(found)[:20]:
            label = f"{found}" if number_ == 1 else f"{found}-{number_}"
            shown = (found, number_) == (log.revision, replica)
            there = query(path, {"revision": found, "replica": number_ if number_ > 1 else None})
            links.append(link(f"{there}#log", label, shown))
    if len(links) < 2:
        return view
    others = tag(
        "nav", join((html("Revision and replica: "), Html(" ".join(links)))), aria_label="Logs", class_="quiet"
    )
    return join((view, others))


def _replica(parameters: Mapping[str, str]) -> tuple[int | None, int]:
    """Revision (None: the latest) and replica that a query names."""
    revision = parameters.get("revision", "")
    return number(revision) if revision else None, number(parameters.get("replica", ""))
