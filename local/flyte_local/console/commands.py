"""The actions of the console's buttons."""

from __future__ import annotations

from dataclasses import dataclass

from flyte_local.console.backend import ConsoleBackend
from flyte_local.console.triggers import find_trigger
from flyte_local.errors import NotFoundError
from flyte_local.proxy.gate import guard_of
from flyte_local.runs.phases import is_terminal
from flyte_local.runs.records import ROOT
from flyte_local.web.paths import Scope
from flyte_local.wire.app_key import AppKey


@dataclass(frozen=True)
class Done:
    """The page that the browser goes to next, and the notice on it."""

    path: str
    notice: str = ""


async def change_app(backend: ConsoleBackend, scope: Scope, name: str, verb: str) -> Done | None:
    """Restart, start, stop or open an app. Return None if it does not exist."""
    key = AppKey(scope.project, scope.domain, name)
    app = backend.supervisor.find(key)
    if app is None:
        return None
    if verb == "open":
        sessions = backend.sessions
        return Done(sessions.address(key) if guard_of(app.app) is None else sessions.link(key))
    try:
        await (backend.supervisor.halt(key) if verb == "stop" else backend.supervisor.restart(key))
    except NotFoundError:
        return None
    notice = {"restart": "restarted", "start": "started", "stop": "stopped"}[verb]
    return Done(scope.resource("apps", name), notice)


async def abort_run(backend: ConsoleBackend, scope: Scope, name: str) -> Done | None:
    """Abort a run. Return None if it does not exist."""
    key = f"{scope.prefix}{name}/{ROOT}"
    root = backend.records.action(key)
    if root is None:
        return None
    path = scope.resource("runs", name)
    if is_terminal(root):
        return Done(path, "ended")
    await backend.runner.abort(key, "aborted in the console")
    return Done(path, "aborted")


def switch_trigger(backend: ConsoleBackend, scope: Scope, task: str, name: str, verb: str) -> Done | None:
    """Activate or deactivate a trigger. Return None if it does not exist."""
    trigger = find_trigger(backend.triggers, scope, task, name)
    if trigger is None:
        return None
    backend.triggers.set_active([trigger.id.name], verb == "activate")
    backend.triggers.changed()
    return Done(scope.resource("triggers", f"{task}/{name}"), f"{verb}d")
