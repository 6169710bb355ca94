"""The console's first page, and that of a project: what there is at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flyte_local.apps.app import ManagedApp
from flyte_local.console.app_phase import app_phase
from flyte_local.console.backend import ConsoleBackend
from flyte_local.console.run_list import last_runs
from flyte_local.runs.records import Records
from flyte_local.tasks.versions import Tasks
from flyte_local.web.html import Html, join, link, phase, section, table, tag
from flyte_local.web.paths import Scope, resource_link

_LAST_RUNS = 15
_MOST = 40


def overview(backend: ConsoleBackend, apps: Sequence[ManagedApp], scope: Scope) -> Html:
    """Apps, what ran last, and of everything the projects."""
    records = backend.records
    parts = [_apps(apps, scope), last_runs(records, scope, _LAST_RUNS)]
    if not scope.project:
        parts.insert(0, _projects(backend.tasks, apps, records))
    return join(parts)


def _projects(all_tasks: Tasks, apps: Sequence[ManagedApp], records: Records) -> Html:
    count = Counter(Scope(app.key.project, app.key.domain) for app in apps)
    names = {(d.task_id.project, d.task_id.domain, d.task_id.name) for _, d in all_tasks.versions("")}
    tasks = Counter(Scope(project, domain) for project, domain, _ in names)
    runs = Counter(Scope(*key.split("/")[:2]) for key, _ in records.runs(""))
    found = sorted({*count, *tasks, *runs}, key=lambda scope: (scope.project, scope.domain))
    rows = [(link(each.path, each.title), count[each], tasks[each], runs[each]) for each in found[:_MOST]]
    empty = "Nothing is deployed yet: run `pulumi up`, `flyte deploy` or `flyte run`."
    return section("Projects", table(("Project", "Apps", "Tasks", "Runs"), rows, empty, "Projects"))


def _apps(apps: Sequence[ManagedApp], scope: Scope) -> Html:
    found = [app for app in apps if scope.holds(app.key.project, app.key.domain)]
    items = join(
        tag(
            "li",
            join(
                (
                    resource_link(app.key.project, app.key.domain, "apps", app.key.name),
                    " ",
                    phase(app_phase(app)),
                )
            ),
        )
        for app in found[:_MOST]
    )
    body = tag("ul", items) if items else tag("p", "None yet.", class_="quiet")
    return section("Apps", body, link(f"{scope.path}/apps", "All apps"))
