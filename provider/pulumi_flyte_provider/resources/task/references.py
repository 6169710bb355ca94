"""Versions of tasks that a workload or a trigger names: they must exist, or `up` would leave what cannot work.

A version is a hash of arguments, so it reaches whoever is wired to the task also where `--target` or `--exclude` keeps
the task itself from being deployed.
"""

from __future__ import annotations

from collections.abc import Iterable

from flyte_runtime.contract import WIRING_VARIABLE, TaskInput, Wiring
from flyteidl2.task import task_definition_pb2 as pb
from pydantic import ValidationError

from pulumi_flyte_provider.errors import ApiError, MissingTaskError, NotFoundError
from pulumi_flyte_provider.ownership.urn import Urn
from pulumi_flyte_provider.properties.codec import Tree, reveal
from pulumi_flyte_provider.resources.resource import Call
from pulumi_flyte_provider.resources.task import lookup

TASK = "flyte:api:Task"


def wired_tasks(inputs: Tree, org: str) -> list[pb.TaskIdentifier]:
    """Return the versions of tasks that a workload's wiring names. References to the latest version name none."""
    env = reveal(inputs).get("env")
    text = env.get(WIRING_VARIABLE) if isinstance(env, dict) else None
    try:
        wiring = Wiring.model_validate_json(text) if isinstance(text, str) else None
    except ValidationError:
        wiring = None
    tasks = [wired for wired in wiring.inputs.values() if isinstance(wired, TaskInput)] if wiring else []
    return [
        pb.TaskIdentifier(org=org, project=task.project, domain=task.domain, name=task.name, version=task.version)
        for task in tasks
        if task.version
    ]


def require(call: Call, what: str, tasks: Iterable[pb.TaskIdentifier]) -> None:
    """Raise MissingTaskError with every version that does not exist. `what` names whoever is wired to the tasks."""
    missing = [task for task in tasks if not _is_deployed_by_this_run(call, task) and not _exists(call, task)]
    if missing:
        raise MissingTaskError(_message(call, what, missing))


def require_in_preview(call: Call, what: str, tasks: Iterable[pb.TaskIdentifier]) -> None:
    """Do the same as far as a preview can know it.

    It is certain where this plugin has checked the task's resource, which the engine then skipped. Otherwise it is a
    warning: the process of an explicit provider may be about to deploy the task.
    """
    skipped = [task for task in tasks if not _is_deployed_by_this_run(call, task)]
    missing = call.look(lambda: [task for task in skipped if not _exists(call, task)])
    if not missing:
        return
    message = _message(call, what, missing)
    if any(_urn(call, task) is not None for task in missing):
        raise MissingTaskError(message)
    call.warn(message)


def record(call: Call, task: pb.TaskIdentifier) -> None:
    """Remember a version that this run deploys, or would deploy where it is a preview."""
    call.claims.deploy(TASK, f"{lookup.path(task)}@{task.version}")


def _message(call: Call, what: str, missing: list[pb.TaskIdentifier]) -> str:
    lines = [f"{what} is wired to {lookup.title(task)}, which does not exist" for task in missing]
    targets = " ".join(f"--target '**::{_resource_name(call, task)}'" for task in missing)
    lines.append(f"Deploy the task as well: with --target, add {targets}")
    lines.append("With --exclude, do not exclude it")
    return "\n".join(lines)


def _resource_name(call: Call, task: pb.TaskIdentifier) -> str:
    """Return the name of the task's resource. The function's name is a good guess where no resource is known."""
    urn = _urn(call, task)
    return task.name.rpartition(".")[2] if urn is None else urn.name


def _exists(call: Call, task: pb.TaskIdentifier) -> bool:
    try:
        return lookup.version(call, task) is not None
    except NotFoundError:
        return False
    except ApiError:
        return True  # A platform that lets us deploy and not look: the start of a run will say what is missing.


def _is_deployed_by_this_run(call: Call, task: pb.TaskIdentifier) -> bool:
    return call.claims.is_deployed(TASK, f"{lookup.path(task)}@{task.version}")


def _urn(call: Call, task: pb.TaskIdentifier) -> Urn | None:
    """Return the resource of this run that declares the task."""
    urn = call.claims.holder(TASK, lookup.path(task))
    return None if urn is None else Urn.parse(urn)
