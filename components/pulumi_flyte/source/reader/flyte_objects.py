"""Flyte's own objects as its serialisers write them, in protobuf JSON."""

from __future__ import annotations

import base64
import contextlib
import gzip
import inspect
import os
from pathlib import Path
from typing import Any

from . import flyte_internals
from .images import image_of
from .importing import Refusal
from .inspection import attribute_of, error_text, is_a
from .openapi import api_of
from .request import Request

Json = dict[str, Any]


def as_task(value: Any, request: Request) -> Json | None:
    """A Flyte task as Flyte's own deploy sends it (flyte `_deploy.py`), without the link to a commit of its source."""
    if not flyte_internals.is_loaded():
        return None
    from flyte import TaskTemplate

    if not is_a(value, TaskTemplate):
        return None
    defaults, context = default_inputs(value), serialization_context(request)
    environment = value.parent_env() if value.parent_env is not None else None
    try:
        spec = flyte_internals.task_spec(value, context, defaults, task_context(context))
    except Exception as error:
        raise Refusal(f"Flyte cannot serialise the task: {error_text(error)}") from None
    if environment is not None and environment.description:
        spec.environment.description = environment.description
    return {
        "name": value.name,
        "spec": plain(spec),
        "image": image_of(value.image),
        "triggers": [trigger_of(trigger, spec, defaults) for trigger in value.triggers or ()],
        "depends_on": [other.name for other in getattr(environment, "depends_on", [])],
        "starts": startable_tasks(value, environment),
        "include": includes(environment, request),
    }


def startable_tasks(task: Any, environment: Any) -> list[str]:
    """Return the names of the other tasks that a task may start: those of its environment, and of all environments
    that it depends on, directly or not."""
    names: set[str] = set()
    waiting, visited = [environment], [environment]
    while waiting:
        current = waiting.pop()
        names |= {other.name for other in getattr(current, "tasks", {}).values()}
        further = [other for other in getattr(current, "depends_on", []) if not any(other is each for each in visited)]
        waiting += further
        visited += further
    return sorted(names - {task.name})


def task_context(context: Any) -> Any:
    """Return what a task's links are formatted with: names that the platform fills in for each action."""
    from flyte.models import ActionID, RawDataPath, TaskContext
    from flyte.report import Report

    action = ActionID(
        name="{{.actionName}}",
        run_name="{{.runName}}",
        project="{{.executionProject}}",
        domain="{{.executionDomain}}",
        org="{{.executionOrg}}",
    )
    return TaskContext(
        action=action,
        output_path=context.output_path,
        version=context.version,
        raw_data_path=RawDataPath(path=""),
        run_base_dir="",
        report=Report(name=action.name),
        custom_context={},
    )


def includes(environment: Any, request: Request) -> list[str]:
    """`include` of an environment, which is relative to the file that declares it, relative to the root."""
    patterns = getattr(environment, "include", None) or ()
    declared = None if environment is None else flyte_internals.declaring_file(environment)
    folder = Path(declared).parent if declared else request.root
    return [os.path.relpath(folder / pattern, request.root) for pattern in patterns]


def default_inputs(task: Any) -> list[Any]:
    """Return the defaults of plain values. Flyte's own deploy uploads those of files and data frames first."""
    if not any(default is not inspect.Parameter.empty for _, default in task.interface.inputs.values()):
        return []
    try:
        return flyte_internals.default_inputs(task)
    except Exception as error:
        raise Refusal(f"the task's default inputs cannot be serialised: {error_text(error)}") from None


def trigger_of(trigger: Any, spec: Any, defaults: list[Any]) -> Json:
    """A trigger as Flyte's own deploy would send it, in protobuf JSON."""
    try:
        wire = flyte_internals.trigger_message(trigger, spec, defaults)
    except Exception as error:
        raise Refusal(f"trigger {trigger.name!r} cannot be serialised: {error_text(error)}") from None
    return plain(wire)


def as_app_environment(value: Any, request: Request) -> Json | None:
    """An app environment as Flyte's own deploy sends it. `volatile`: it holds what the platform said just now."""
    if not flyte_internals.is_loaded():
        return None
    from flyte.app import AppEnvironment

    if not is_a(value, AppEnvironment):
        return None
    parameters = resolved_by_platform(value)
    if parameters:
        connect(request)
    try:
        app = flyte_internals.app_message(value, serialization_context(request))
    except Exception as error:
        if parameters:
            why = f"{error}: {error.__cause__}" if error.__cause__ else str(error)
            raise Refusal(f"the platform has no value for the parameter {', '.join(parameters)} yet: {why}") from None
        raise Refusal(f"Flyte cannot serialise the app environment: {error_text(error)}") from None
    message = plain(app)
    container = message.get("spec", {}).get("container", {})
    container["command"] = [steady(token) for token in container.get("command", [])]
    return {
        "name": value.name,
        "spec": message["spec"],
        "image": image_of(value.image),
        "depends_on": [other.name for other in value.depends_on],
        "include": includes(value, request),
        "volatile": bool(parameters),
        "api": api_of(attribute_of(value, "app")),
        **({"requires_auth": value.requires_auth} if flyte_internals.is_given(value, "requires_auth") else {}),
    }


def resolved_by_platform(environment: Any) -> list[str]:
    """Return the parameters that Flyte resolves when it deploys: the output of a run, an artifact."""
    from flyte.app import ArtifactValue, RunOutput

    return [each.name for each in environment.parameters if isinstance(each.value, (RunOutput, ArtifactValue))]


def connect(request: Request) -> None:
    """Makes Flyte's client, as its own deploy does."""
    import flyte

    if request.api:
        # Otherwise what is serialised from now on would carry this process's import path.
        flyte.init(**request.api, sync_local_sys_paths=False)


def steady(token: str) -> str:
    """An older SDK's gzip writes the time of day into `--parameters`; the same content must give the same token."""
    with contextlib.suppress(Exception):
        packed = base64.b64decode(token, validate=True)
        if packed[:2] == b"\x1f\x8b" and packed[4:8] != bytes(4):
            return base64.b64encode(gzip.compress(gzip.decompress(packed), mtime=0)).decode()
    return token


def serialization_context(request: Request) -> Any:
    from flyte.models import CodeBundle, SerializationContext

    return SerializationContext(
        project="{{project}}",
        domain="{{domain}}",
        org="{{org}}",
        version="{{version}}",
        code_bundle=CodeBundle(computed_version="{{bundle}}", tgz="{{bundle}}", destination="."),
        root_dir=request.root,
    )


def plain(message: Any) -> Json:
    from google.protobuf.json_format import MessageToDict

    document: Json = MessageToDict(message)
    return document
