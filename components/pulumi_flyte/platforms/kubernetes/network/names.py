"""The names of policies. Each policy of a namespace has another name, also where several programs declare some. Pure.

The names of apps and namespaces have no dot, so that dots tell the parts apart:

    default-deny                        the namespace
    flyte-tasks                         the pods of Flyte's tasks in the namespace
    backend.app                         an app
    web.calls.backend                   the entry of an edge between two apps of one namespace
    web.shop-staging.calls.backend      the entry of an edge from an app of another namespace
    words-count-1f2e3d4c.task-calls.backend     the entry of an edge from a task
    web.app-calls-input.model-5a6b7c8d  the entry of an edge that has an Output, by its alias
    web.to.backend                      the exit of an edge between two apps of one namespace
    web.to.backend.shop-staging         the exit of an edge to an app of another namespace
    web.to-input.model-5a6b7c8d         the exit of an edge that has an Output
"""

from __future__ import annotations

from pulumi_flyte.naming.labels import with_digest
from pulumi_flyte.wiring.pairs import Peer

DEFAULT_DENY = "default-deny"
FLYTE_TASKS = "flyte-tasks"
_LONGEST = 49


def of_app(name: str) -> str:
    """Return the name of an app's own policy."""
    return f"{name}.app"


def of_entry(caller: Peer, caller_namespace: str, callee: str, callee_namespace: str) -> str:
    """Return the name of an edge's entry, which is in the callee's namespace."""
    if caller.kind == "task":
        return f"{_task(caller)}.task-calls.{callee}"
    if caller_namespace == callee_namespace:
        return f"{caller.name}.calls.{callee}"
    return f"{caller.name}.{caller_namespace}.calls.{callee}"


def of_exit(caller: Peer, caller_namespace: str, callee: str, callee_namespace: str) -> str:
    """Return the name of an edge's exit, which is in the caller's namespace."""
    elsewhere = "" if caller_namespace == callee_namespace else f".{callee_namespace}"
    return f"{caller.name}.to.{callee}{elsewhere}"


def of_late_entry(caller: Peer, caller_namespace: str, alias: str) -> str:
    """Return the name of an edge's entry if the callee is not known when the program runs."""
    name = _task(caller) if caller.kind == "task" else caller.name
    return f"{name}.{caller.kind}-calls-input.{_of_alias(caller, caller_namespace, alias)}"


def of_late_exit(caller: Peer, caller_namespace: str, alias: str) -> str:
    """Return the name of an edge's exit if the callee is not known when the program runs."""
    return f"{caller.name}.to-input.{_of_alias(caller, caller_namespace, alias)}"


def _task(task: Peer) -> str:
    """Return a task's part of a name. It has a digest, as its project and domain are in no other part."""
    return with_digest(task.name, str(task), _LONGEST)


def _of_alias(caller: Peer, caller_namespace: str, alias: str) -> str:
    return with_digest(alias, f"{caller_namespace} {caller} {alias}", _LONGEST)
