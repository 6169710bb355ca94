"""The page for an address that leads nowhere: the missing name, similar names, and a link to all projects."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flyte_local.console.rendering import KINDS, View
from flyte_local.console.requests import PageRequest

_NOT_HERE = {
    "tracked-runs": "Tracked runs are not there on this platform.",
    "artifacts": "Artifacts are not there on this platform.",
}


@dataclass(frozen=True)
class NotFound:
    """The content of the page."""

    sentence: str
    similar: Sequence[str] = ()
    way_on: bool = True


def not_found_page(request: PageRequest, parts: Sequence[str]) -> View:
    """Return the page. `parts` is the address below the scope."""
    scope = request.scope
    kind, name = (*parts, "", "")[:2]
    if kind in _NOT_HERE:
        return View("not_found", "Not found", NotFound(_NOT_HERE[kind], way_on=False), scope, status=404)
    content = NotFound("There is no page at this address.")
    if kind in KINDS and name:
        similar = difflib.get_close_matches(name, set(_names(request, kind)), 5, 0.5)
        content = NotFound(f"There is no {kind.removesuffix('s')} {name!r} in {scope.title}.", similar)
    return View("not_found", "Not found", content, scope, kind if kind in KINDS else "", 404)


def _names(request: PageRequest, kind: str) -> Iterable[str]:
    parts, prefix = request.parts, request.scope.prefix
    if kind == "apps":
        return (app.key.name for app in request.in_scope())
    if kind == "runs":
        return (run.action.id.run.name for _, run in parts.records.runs(prefix))
    if kind in ("tasks", "triggers"):
        return (details.task_id.name for _, details in parts.tasks.versions(prefix))
    return ()
