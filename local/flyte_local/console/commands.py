"""What the console's buttons do."""

from __future__ import annotations

from dataclasses import dataclass

from flyte_local.console.backend import ConsoleBackend
from flyte_local.errors import NotFoundError
from flyte_local.proxy.gate import guard_of
from flyte_local.runs.phases import is_terminal
from flyte_local.runs.records import ROOT
from flyte_local.tasks.triggers import Triggers
from flyte_local.web.paths import Scope, resource_path
from flyte_local.wire.app_key import AppKey

_DONE = {"restart": "restarted", "start": "started", "stop": "stopped"}


@dataclass(frozen=True)
class Done:
    """Where the browser goes next, and what that page says has happened."""

    path: str
    notice: str = ""


async def act(backend: ConsoleBackend, scope: Scope, parts: list[str]) -> Done | None:
    """Does what a button's address says, which is that of the page and a verb; None where there is no such button."""
    match parts:
        case ["apps", name, ("restart" | "start" | "stop" | "open") as verb]:
            return await _app(backend, AppKey(scope.project, scope.domain, name), verb)
        case ["runs", name, "abort"]:
            return await _abort(backend, scope, name)
        case ["triggers", task, name, ("activate" | "deactivate") as verb]:
            return _switch(backend.triggers, scope, task, name, verb)
    return None


async def _app(backend: ConsoleBackend, key: AppKey, verb: str) -> Done | None:
    supervisor, sessions = backend.supervisor, backend.sessions
    app = supervisor.find(key)
    if app is None:
        return None
    if verb == "open":
        return Done(sessions.address(key) if guard_of(app.app) is None else sessions.link(key))
    try:
        await (supervisor.halt(key) if verb == "stop" else supervisor.restart(key))
    except NotFoundError:
        return None
    return Done(resource_path(key.project, key.domain, "apps", key.name), _DONE[verb])


async def _abort(backend: ConsoleBackend, scope: Scope, name: str) -> Done | None:
    key = f"{scope.prefix}{name}/{ROOT}"
    root = backend.records.action(key)
    if root is None:
        return None
    path = resource_path(scope.project, scope.domain, "runs", name)
    if is_terminal(root):
        return Done(path, "ended")
    await backend.runner.abort(key, "aborted in the console")
    return Done(path, "aborted")


def _switch(triggers: Triggers, scope: Scope, task: str, name: str, verb: str) -> Done | None:
    found = next((t for t in triggers.all(f"{scope.prefix}{task}/") if t.id.name.name == name), None)
    if found is None:
        return None
    triggers.set_active([found.id.name], verb == "activate")
    triggers.changed()
    return Done(resource_path(scope.project, scope.domain, "triggers", f"{task}/{name}"), f"{verb}d")
