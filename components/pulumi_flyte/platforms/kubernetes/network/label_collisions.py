"""Tasks of one run of a program whose pods no policy can tell apart, as Flyte gives them one label."""

from __future__ import annotations

from pulumi_flyte.engine.per_run import PerRun
from pulumi_flyte.platforms.kubernetes.network.task_pods import MAX_LABEL_VALUE, TASK_NAME_LABEL, label_value
from pulumi_flyte.wiring.pairs import Peer

# By project, domain and label: the tasks, each with whether it calls apps.
_tasks: PerRun[dict[tuple[str, str, str], dict[str, bool]]] = PerRun(dict)


def collision_problem(task: Peer, *, calls_apps: bool) -> str | None:
    """Return what is wrong with a task's name where the pods of an earlier task have its label, and one of the two
    would be let in to the apps of the other."""
    for other, other_calls_apps in _namesakes(task).items():
        if other != task.name and (calls_apps or other_calls_apps):
            return (
                f"Flyte gives the pods of this task and of {other!r} the same label,"
                f" {TASK_NAME_LABEL}={label_value(task.name)}, so a network policy for one would also admit the other."
                f" Rename one of them: the names must differ in their first {MAX_LABEL_VALUE} characters, and begin and"
                " end with a letter or digit"
            )
    return None


def remember(task: Peer, *, calls_apps: bool) -> None:
    """Remember a task that is declared now."""
    _namesakes(task)[task.name] = calls_apps


def _namesakes(task: Peer) -> dict[str, bool]:
    """Return the earlier tasks whose pods have the same label."""
    return _tasks.current().setdefault((task.project, task.domain, label_value(task.name)), {})
