"""The console's first page, and that of a project: what there is at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flyteidl2.workflow.run_definition_pb2 import Run

from flyte_local.apps.app import ManagedApp
from flyte_local.console.app_phase import app_phase
from flyte_local.console.rendering import View
from flyte_local.console.requests import PageRequest
from flyte_local.console.run_list import newest_runs
from flyte_local.images import builder_task
from flyte_local.web.paths import Scope

_BUILDER = Scope(builder_task.PROJECT, builder_task.DOMAIN)
_LAST_RUNS = 15
_MOST = 40
# Phases with a place of their own in the list of apps.
_ORDER = ("failed", "", "active", "asleep", "stopped")


@dataclass(frozen=True)
class ProjectRow:
    """A project in the list, with the number of its workloads and runs."""

    scope: Scope
    apps: int
    tasks: int
    runs: int


@dataclass(frozen=True)
class Overview:
    """The content of the page. Only the page of everything lists projects.

    `phases` has the number of apps in each phase. It and `apps` begin with what needs attention.
    """

    projects: Sequence[ProjectRow] | None
    phases: Mapping[str, int]
    apps: Sequence[ManagedApp]
    runs: Sequence[Run]


def overview(request: PageRequest) -> View:
    """Return the page of a scope: its apps and its last runs, and all projects on the page of everything."""
    scope, parts = request.scope, request.parts
    apps = sorted(request.in_scope(), key=lambda app: _rank(app_phase(app)))
    content = Overview(
        projects=None if scope.project else _projects(request),
        phases=Counter(map(app_phase, apps)),
        apps=apps[:_MOST],
        runs=newest_runs(parts.records, scope)[:_LAST_RUNS],
    )
    return View("overview", scope.title, content, scope)


def _rank(phase: str) -> int:
    """Return the place of a phase in the list. Phases of a start or an update come after failures."""
    return _ORDER.index(phase) if phase in _ORDER else 1


def _projects(request: PageRequest) -> list[ProjectRow]:
    apps = Counter(Scope(app.key.project, app.key.domain) for app in request.apps)
    identifiers = (details.task_id for _, details in request.parts.tasks.versions(""))
    tasks = Counter(
        Scope(project, domain) for project, domain, _ in {(i.project, i.domain, i.name) for i in identifiers}
    )
    runs = Counter(Scope(*key.split("/")[:2]) for key, _ in request.parts.records.runs(""))
    # The project of the task that builds images is of no interest unless something ran in it.
    scopes = sorted({*apps, *tasks, *runs} - ({_BUILDER} - {*runs}), key=lambda scope: (scope.project, scope.domain))
    return [ProjectRow(scope, apps[scope], tasks[scope], runs[scope]) for scope in scopes[:_MOST]]
