"""The console's first page, and that of a project: what there is at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flyte_local.console.apps import AppRow, app_row
from flyte_local.console.rendering import View
from flyte_local.console.requests import PageRequest
from flyte_local.console.run_list import RunRow, last_runs
from flyte_local.web.paths import Scope

_LAST_RUNS = 15
_MOST = 40


@dataclass(frozen=True)
class ProjectRow:
    """A project in the list, with the number of its workloads and runs."""

    scope: Scope
    apps: int
    tasks: int
    runs: int


@dataclass(frozen=True)
class Overview:
    """The content of the page. Only the page of everything lists projects."""

    projects: Sequence[ProjectRow] | None
    apps: Sequence[AppRow]
    runs: Sequence[RunRow]


def overview(request: PageRequest) -> View:
    """Return the page of a scope: its apps and its last runs, and all projects on the page of everything."""
    scope, backend = request.scope, request.backend
    content = Overview(
        projects=None if scope.project else _projects(request),
        apps=[app_row(backend.context, app) for app in request.in_scope()[:_MOST]],
        runs=last_runs(backend.records, scope, _LAST_RUNS),
    )
    return View("overview", scope.title, content, scope)


def _projects(request: PageRequest) -> list[ProjectRow]:
    apps = Counter(Scope(app.key.project, app.key.domain) for app in request.apps)
    identifiers = (details.task_id for _, details in request.backend.tasks.versions(""))
    tasks = Counter(
        Scope(project, domain) for project, domain, _ in {(i.project, i.domain, i.name) for i in identifiers}
    )
    runs = Counter(Scope(*key.split("/")[:2]) for key, _ in request.backend.records.runs(""))
    scopes = sorted({*apps, *tasks, *runs}, key=lambda scope: (scope.project, scope.domain))
    return [ProjectRow(scope, apps[scope], tasks[scope], runs[scope]) for scope in scopes[:_MOST]]
