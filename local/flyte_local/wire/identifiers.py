"""Identifiers as store keys. They are checked here, so that no name can leave its folder or forge another key."""

from __future__ import annotations

import re
from typing import Protocol

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyteidl2.common.identifier_pb2 import ActionIdentifier, RunIdentifier, TriggerName
from flyteidl2.task.task_definition_pb2 import TaskIdentifier

_SCOPE = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_NAME = re.compile(r"[A-Za-z0-9_][-.:+=A-Za-z0-9_]*")
MAX_SCOPE = 63
MAX_NAME = 255
MAX_VERSION = 63


class _Scoped(Protocol):
    project: str
    domain: str


def invalid(message: str) -> ConnectError:
    """Return an INVALID_ARGUMENT error."""
    return ConnectError(Code.INVALID_ARGUMENT, message)


def not_found(message: str) -> ConnectError:
    """Return a NOT_FOUND error."""
    return ConnectError(Code.NOT_FOUND, message)


def check_scope(project: str, domain: str) -> None:
    """Raise INVALID_ARGUMENT unless both are DNS labels (Flyte's IDL: 1 to 63 characters)."""
    for what, value in (("project", project), ("domain", domain)):
        if not value:
            raise invalid(f"the {what} is missing: set it in the client's configuration or in the request")
        if len(value) > MAX_SCOPE or not _SCOPE.fullmatch(value):
            raise invalid(
                f"{value!r} cannot be a {what}: use up to {MAX_SCOPE} lower-case letters, digits and inner dashes"
            )


def check_name(what: str, value: str, limit: int = MAX_NAME) -> None:
    """Raise INVALID_ARGUMENT unless `value` can name a `what`: one path segment of plain characters."""
    if not value:
        raise invalid(f"the {what} is missing")
    if len(value) > limit:
        raise invalid(f"a {what} has at most {limit} characters, {value[:32] + '…'!r} has {len(value)}")
    if not _NAME.fullmatch(value):
        raise invalid(f"{value!r} cannot be a {what}: use letters, digits, '_', '-', '.', and start with none of '-.'")


def scope_key(scoped: _Scoped) -> str:
    """Return `project/domain`."""
    check_scope(scoped.project, scoped.domain)
    return f"{scoped.project}/{scoped.domain}"


def scope_prefix(project: str, domain: str) -> str:
    """Return the prefix of the keys in a project, and in one of its domains if that is named."""
    return f"{project}/{domain}/" if domain else f"{project}/"


def task_name_key(project: str, domain: str, name: str) -> str:
    """Return `project/domain/name`, without a version."""
    check_scope(project, domain)
    check_name("task name", name)
    return f"{project}/{domain}/{name}"


def task_key(task: TaskIdentifier) -> str:
    """Return `project/domain/name/version`."""
    check_name("task version", task.version, MAX_VERSION)
    return f"{task_name_key(task.project, task.domain, task.name)}/{task.version}"


def run_key(run: RunIdentifier) -> str:
    """Return `project/domain/run`."""
    check_name("run name", run.name, MAX_SCOPE)
    return f"{scope_key(run)}/{run.name}"


def action_key(action: ActionIdentifier) -> str:
    """Return `project/domain/run/action`."""
    check_name("action name", action.name)
    return f"{run_key(action.run)}/{action.name}"


def trigger_key(trigger: TriggerName) -> str:
    """Return `project/domain/task/trigger`."""
    name = trigger.name
    if not name or len(name) > MAX_NAME or "/" in name or not name.isprintable():
        raise invalid(f"{name!r} cannot be a trigger name: use 1 to {MAX_NAME} printable characters without '/'")
    return f"{task_name_key(trigger.project, trigger.domain, trigger.task_name)}/{name}"
