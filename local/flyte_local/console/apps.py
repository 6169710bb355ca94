"""The console's pages about apps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flyte_local.apps.app import ManagedApp
from flyte_local.apps.events import AppEvent
from flyte_local.apps.revision_record import replica_label
from flyte_local.apps.scaling import scaling
from flyte_local.composition import Parts
from flyte_local.console.app_log import AppLog, log_query
from flyte_local.console.graph import Neighbour, neighbours
from flyte_local.console.logs import LogView, log_view
from flyte_local.console.pagination import list_view
from flyte_local.console.rendering import View
from flyte_local.console.requests import PageRequest, whole_number
from flyte_local.console.wiring import Node
from flyte_local.proxy.gate import guard_of
from flyte_local.secrets.redaction import app_workload, mask_of

_EVENTS = 20
_LONGEST_MESSAGE = 3000
_LONGEST_DETAIL = 300
_MOST_REPLICAS = 20


@dataclass(frozen=True)
class PageLink:
    """A link. `current` marks the one that is shown."""

    path: str
    label: str
    current: bool = False


@dataclass(frozen=True)
class AppPage:
    """The content of an app's page. `message` and `events` are without secrets."""

    app: ManagedApp
    address: str
    message: str
    bounds: str
    guarded: bool
    wiring: Sequence[Neighbour]
    log: LogView
    other_logs: Sequence[PageLink]
    events: Sequence[AppEvent]


def app_list(request: PageRequest) -> View:
    """Return the list of apps with their status."""
    return list_view(request, "apps", request.in_scope())


def app_page(request: PageRequest) -> View | None:
    """Return the page of an app: its status, its buttons, its wiring, its log and its events."""
    app = find_app(request)
    if app is None:
        return None
    parts, scope, key = request.parts, request.scope, app.key
    path = scope.resource("apps", key.name)
    bounds = scaling(app.app.spec.autoscaling)
    mask = mask_of(parts.vault, app_workload(key))
    log = app_log(parts, app, request.parameters)
    events = parts.supervisor.events.list(key.project, key.domain, key.name)[-_EVENTS:]
    content = AppPage(
        app=app,
        address=parts.context.url + key.path,
        message=mask(app.status().message)[-_LONGEST_MESSAGE:],
        bounds=f"{bounds.least} to {bounds.most}" if bounds.least != bounds.most else str(bounds.most),
        guarded=guard_of(app.app) is not None,
        wiring=neighbours(request, Node("app", key.project, key.domain, key.name)),
        log=log_view(log, path, log.query),
        other_logs=_logs(log, path),
        events=[replace(event, detail=mask(event.detail)[:_LONGEST_DETAIL]) for event in reversed(events)],
    )
    return View("app", key.name, content, scope, "apps")


def find_app(request: PageRequest) -> ManagedApp | None:
    """Return the app that the address names, or None if it does not exist."""
    name = request.names["name"]
    return next((app for app in request.in_scope() if app.key.name == name), None)


def app_log(parts: Parts, app: ManagedApp, parameters: Mapping[str, str]) -> AppLog:
    """Return the log that a query names: of a revision (otherwise the latest) and a replica (otherwise the first)."""
    revision = parameters.get("revision", "")
    replica = whole_number(parameters.get("replica", ""))
    return AppLog(parts, app, whole_number(revision) if revision else None, replica)


def _logs(log: AppLog, path: str) -> list[PageLink]:
    """Return links to the logs of all replicas and revisions."""
    return [
        PageLink(
            f"{path}{log_query(revision, number)}#log",
            replica_label(revision, number),
            (revision, number) == (log.revision, log.replica),
        )
        for revision in log.logs.revisions()[::-1]
        for number in log.logs.replicas(revision)[:_MOST_REPLICAS]
    ]
