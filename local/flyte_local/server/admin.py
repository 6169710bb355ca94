"""/local/v1: the administration, which Flyte's API lacks: the instance, its owners, events of apps, stopping."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.types import Receive, Scope, Send

from flyte_local.apps.app import ManagedApp
from flyte_local.apps.supervisor import Supervisor
from flyte_local.errors import LocalServerError
from flyte_local.proxy.browser_sessions import BrowserSessions
from flyte_local.proxy.gate import entrance
from flyte_local.server.peers import is_shared
from flyte_local.state.context import Context
from flyte_local.tasks.triggers import Triggers
from flyte_local.version import VERSION
from flyte_local.web.asgi import query, read_body, respond_error, respond_json
from flyte_local.wire.identifiers import trigger_key

_PREFIX = "/local/v1/"


def facts_of(context: Context) -> dict[str, object]:
    """Return what a server says about itself. `daemon.Info` reads it."""
    return {
        "instanceId": context.instance_id,
        "version": VERSION,
        "home": str(context.home.path),
        "pid": os.getpid(),
        "port": context.port,
        "shared": is_shared(),
    }


class Administration:
    """The administration's routes."""

    def __init__(
        self,
        context: Context,
        supervisor: Supervisor,
        triggers: Triggers,
        sessions: BrowserSessions,
        shut_down: Callable[[], None],
    ) -> None:
        self._context = context
        self._supervisor = supervisor
        self._triggers = triggers
        self._sessions = sessions
        self._shut_down = shut_down

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, by method and path."""
        route = (scope["method"], scope["path"].removeprefix(_PREFIX))
        try:
            body = await read_body(receive)
            match route:
                case ("GET", "info"):
                    result: Any = facts_of(self._context)
                case ("GET", "owners"):
                    result = self._context.home.owners()
                case ("PUT", "owners"):
                    result = self._set_owner(query(scope), body)
                case ("DELETE", "owners"):
                    self._context.home.remove_owner(_owner(query(scope)))
                    result = self._context.home.owners()
                case ("GET", "apps"):
                    result = [self._app(app) for app in self._supervisor.apps()]
                case ("GET", "triggers"):
                    result = self._failed_triggers()
                case ("GET", "events"):
                    parameters = query(scope)
                    events = self._supervisor.events.list(
                        parameters.get("project", ""), parameters.get("domain", ""), parameters.get("app", "")
                    )
                    result = [asdict(event) for event in events]
                case ("POST", "open"):
                    result = {"url": self._open(query(scope).get("app", ""))}
                case ("POST", "stop"):
                    result = {"stopping": True}
                case _:
                    await respond_error(send, 404, f"no {route[0]} {scope['path']} here")
                    return
        except (ValueError, LocalServerError) as error:
            await respond_error(send, 400, str(error))
            return
        await respond_json(send, 200, result)
        if route == ("POST", "stop"):
            self._shut_down()

    def _app(self, app: ManagedApp) -> dict[str, str]:
        status = app.status()
        endpoint = self._context.url + app.key.path
        return {"app": str(app.key), "phase": status.phase, "message": status.message, "endpoint": endpoint}

    def _open(self, name: str) -> str:
        app = next((app for app in self._supervisor.apps() if str(app.key) == name), None)
        if app is None:
            raise ValueError(f"no app is called {name!r} here: name it as project/domain/name (?app=)")
        return entrance(self._sessions, app)

    def _failed_triggers(self) -> list[dict[str, object]]:
        """Return the triggers whose last firing started no run."""
        failures = []
        for trigger in self._triggers.all():
            failure = self._triggers.failure(trigger.id.name)
            if failure is not None:
                failures.append({"trigger": trigger_key(trigger.id.name), **asdict(failure)})
        return failures

    def _set_owner(self, parameters: dict[str, str], body: bytes) -> dict[str, int]:
        try:
            epoch = json.loads(body)["epoch"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ValueError('the body must be JSON: {"epoch": 1}') from None
        if type(epoch) is not int or epoch < 1:
            raise ValueError(f"epoch must be a whole number from 1 on, not {epoch!r}")
        self._context.home.set_owner(_owner(parameters), epoch)
        return self._context.home.owners()


def _owner(parameters: dict[str, str]) -> str:
    owner = parameters.get("owner", "")
    if not owner:
        raise ValueError("name the owner: ?owner=<mark>")
    return owner
