"""The actions of the console's buttons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from flyte_local.composition import Parts
from flyte_local.console.triggers import find_trigger
from flyte_local.errors import NotFoundError
from flyte_local.proxy.gate import entrance
from flyte_local.runs.phases import is_terminal
from flyte_local.runs.records import ROOT
from flyte_local.web.paths import Scope
from flyte_local.wire.app_key import AppKey


@dataclass(frozen=True)
class Done:
    """The page that the browser goes to next, and the notice on it."""

    path: str
    notice: str = ""


Command = Callable[[Parts, Scope, Mapping[str, str]], Awaitable[Done | None]]
"""Does what a button says. The last argument are the names in its address. Returns None if no such thing exists."""


async def change_app(parts: Parts, scope: Scope, names: Mapping[str, str]) -> Done | None:
    """Restart, start, stop or open an app."""
    key, verb = AppKey(scope.project, scope.domain, names["name"]), names["verb"]
    app = parts.supervisor.find(key)
    if app is None:
        return None
    if verb == "open":
        return Done(entrance(parts.sessions, app))
    notice = {"restart": "restarted", "start": "started", "stop": "stopped"}.get(verb)
    if notice is None:
        return None
    try:
        await (parts.supervisor.halt(key) if verb == "stop" else parts.supervisor.restart(key))
    except NotFoundError:
        return None
    return Done(scope.resource("apps", key.name), notice)


async def abort_run(parts: Parts, scope: Scope, names: Mapping[str, str]) -> Done | None:
    """Abort a run."""
    key = f"{scope.prefix}{names['name']}/{ROOT}"
    root = parts.records.action(key)
    if root is None:
        return None
    path = scope.resource("runs", names["name"])
    if is_terminal(root):
        return Done(path, "ended")
    await parts.runner.abort(key, "aborted in the console")
    return Done(path, "aborted")


async def switch_trigger(parts: Parts, scope: Scope, names: Mapping[str, str]) -> Done | None:
    """Activate or deactivate a trigger."""
    task, name, verb = names["task"], names["name"], names["verb"]
    trigger = find_trigger(parts.triggers, scope, task, name)
    if trigger is None or verb not in ("activate", "deactivate"):
        return None
    parts.triggers.set_active([trigger.id.name], verb == "activate")
    return Done(scope.resource("triggers", f"{task}/{name}"), f"{verb}d")
