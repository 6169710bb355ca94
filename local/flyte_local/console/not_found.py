"""The page for an address that leads nowhere: the name that was looked for, names like it, and all projects."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from flyte_local.apps.app import ManagedApp
from flyte_local.console.backend import ConsoleBackend
from flyte_local.console.page import KINDS, Page
from flyte_local.web.html import Html, join, link, tag
from flyte_local.web.paths import Scope, resource_link

_NOT_HERE = {
    "tracked-runs": "Tracked runs are not there on this platform.",
    "artifacts": "Artifacts are not there on this platform.",
}


def not_found_page(backend: ConsoleBackend, apps: Sequence[ManagedApp], scope: Scope, parts: list[str]) -> Page:
    """The page for an address that leads nowhere. `parts` is the address below the scope."""
    kind, name = (*parts, "", "")[:2]
    if kind in _NOT_HERE:
        return Page("Not found", tag("p", _NOT_HERE[kind]), scope, status=404)
    sentence = "There is no page at this address."
    close: list[str] = []
    if kind in KINDS and name:
        sentence = f"There is no {kind.removesuffix('s')} {name!r} in {scope.title}."
        close = difflib.get_close_matches(name, set(_names(backend, apps, scope, kind)), 5, 0.5)
    links = (tag("li", resource_link(scope.project, scope.domain, kind, each)) for each in close)
    body = join(
        (
            tag("p", sentence),
            join((tag("p", "There is:"), tag("ul", join(links)))) if close else Html(),
            tag("p", join(("It may have been deleted, or be in another project. ", link("/v2", "All projects"), "."))),
        )
    )
    return Page("Not found", body, scope, kind if kind in KINDS else "", 404)


def _names(backend: ConsoleBackend, apps: Sequence[ManagedApp], scope: Scope, kind: str) -> Iterable[str]:
    if kind == "apps":
        return (app.key.name for app in apps if scope.holds(app.key.project, app.key.domain))
    if kind == "runs":
        return (run.action.id.run.name for _, run in backend.records.runs(scope.prefix))
    if kind in ("tasks", "triggers"):
        return (details.task_id.name for _, details in backend.tasks.versions(scope.prefix))
    return ()
