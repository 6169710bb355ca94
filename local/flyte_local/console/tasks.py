"""The console's pages about tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flyteidl2.task.task_definition_pb2 import TaskDetails

from flyte_local.apps.app import ManagedApp
from flyte_local.console.backend import ConsoleBackend
from flyte_local.console.forms import Forms
from flyte_local.console.graph import neighbours
from flyte_local.console.pagination import cut, number, pages
from flyte_local.console.run_list import last_runs
from flyte_local.console.triggers import trigger_table
from flyte_local.console.values import variables
from flyte_local.console.wiring import Node, wiring_of
from flyte_local.web.html import Html, facts, join, link, moment, section, table, tag
from flyte_local.web.paths import Scope, resource_link, resource_path

_LAST_RUNS = 20
_MOST_VERSIONS = 30
_MOST_VARIABLES = 60
_MOST_OF_A_TYPE = 200


def task_list(backend: ConsoleBackend, scope: Scope, parameters: Mapping[str, str]) -> Html:
    """Tasks, each once with its newest version."""
    tasks, triggers = backend.tasks, backend.triggers
    page = number(parameters.get("page", ""))
    newest = {_key(details): (at, details) for at, details in tasks.versions(scope.prefix)}
    counts: dict[tuple[str, str, str], int] = {}
    for trigger in triggers.all(scope.prefix):
        name = trigger.id.name
        key = (name.project, name.domain, name.task_name)
        counts[key] = counts.get(key, 0) + 1
    place = () if scope.project else ("Project",)
    rows = [
        (
            resource_link(key[0], key[1], "tasks", key[2]),
            *(() if scope.project else (link(Scope(*key[:2]).path, Scope(*key[:2]).title),)),
            details.task_id.version,
            moment(at),
            counts.get(key, ""),
        )
        for key, (at, details) in cut(sorted(newest.items(), key=lambda item: item[0]), page)
    ]
    empty = "None yet: deploy one with `pulumi up` or `flyte deploy`."
    shown = table(("Task", *place, "Newest version", "Deployed", "Triggers"), rows, empty, "Tasks")
    body = join((shown, pages(f"{scope.path}/tasks", {}, page, len(newest))))
    return section("Tasks", body, tag("span", f"{len(newest)} in all", class_="quiet"))


def task_page(
    backend: ConsoleBackend,
    apps: Sequence[ManagedApp],
    forms: Forms,
    scope: Scope,
    name: str,
    parameters: Mapping[str, str],
) -> Html | None:
    """One task: the interface of a version, its triggers, its versions, its last runs.

    `parameters` may name a version. None where nothing of that name was ever deployed, or not in that version.
    """
    tasks, triggers = backend.tasks, backend.triggers
    prefix = f"{scope.prefix}{name}/"
    versions, own = [details for _, details in tasks.versions(prefix)][::-1], triggers.all(prefix)
    chosen = next((d for d in versions if parameters.get("version") in (None, "", d.task_id.version)), None)
    if not (versions or own) or (parameters.get("version") and chosen is None):
        return None
    path = resource_path(scope.project, scope.domain, "tasks", name)
    graph = wiring_of(apps, tasks, scope)
    rows = [
        (
            link(f"{path}?version={d.task_id.version}", d.task_id.version, d is chosen),
            moment(d.metadata.deployed_at.ToNanoseconds() / 1e9),
        )
        for d in versions[:_MOST_VERSIONS]
    ]
    return join(
        (
            _interface(chosen) if chosen is not None else Html(),
            section("Triggers", trigger_table(triggers, forms, own, scope, of_a_task=True)),
            neighbours(graph, Node("task", scope.project, scope.domain, name), scope),
            last_runs(backend.records, scope, _LAST_RUNS, name),
            section("Versions", table(("Version", "Deployed"), rows), tag("span", f"{len(versions)} in all")),
        )
    )


def _interface(details: TaskDetails) -> Html:
    template = details.spec.task_template
    optional = {default.name for default in details.spec.default_inputs}
    inputs = [(name, kind, "" if name in optional else "yes") for name, kind in variables(template.interface.inputs)]
    outputs = variables(template.interface.outputs)
    head = facts(
        (
            ("Version", details.task_id.version),
            ("Environment", details.spec.environment.name),
            ("Description", details.spec.documentation.short_description[:1000]),
            ("Cached", "yes" if template.metadata.discoverable else ""),
            ("Attempts", template.metadata.retries.retries + 1 if template.metadata.retries.retries else ""),
        )
    )
    given = [(name, kind[:_MOST_OF_A_TYPE], needed) for name, kind, needed in inputs[:_MOST_VARIABLES]]
    made = [(name, kind[:_MOST_OF_A_TYPE]) for name, kind in outputs[:_MOST_VARIABLES]]
    return join(
        (
            head,
            section("Inputs", table(("Name", "Type", "Required"), given, "It takes none.", "Inputs")),
            section("Outputs", table(("Name", "Type"), made, "It gives none.", "Outputs")),
        )
    )


def _key(details: TaskDetails) -> tuple[str, str, str]:
    return details.task_id.project, details.task_id.domain, details.task_id.name
