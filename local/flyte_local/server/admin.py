"""/local/v1: the administration, which Flyte's API lacks: the instance, its owners, events of apps, stopping."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.datastructures import QueryParams
from starlette.types import Receive, Scope, Send

from flyte_local.apps.app import ManagedApp
from flyte_local.composition import Parts
from flyte_local.errors import LocalServerError
from flyte_local.proxy.gate import entrance
from flyte_local.server.peers import is_shared
from flyte_local.state.context import Context
from flyte_local.version import VERSION
from flyte_local.web.asgi import read_body, respond_error, respond_json
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

    def __init__(self, parts: Parts, shut_down: Callable[[], None]) -> None:
        self._parts = parts
        self._home = parts.context.home
        self._shut_down = shut_down

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, by method and path."""
        route = (scope["method"], scope["path"].removeprefix(_PREFIX))
        query = QueryParams(scope["query_string"])
        try:
            body = await read_body(receive)
            match route:
                case ("GET", "info"):
                    result: Any = facts_of(self._parts.context)
                case ("GET", "owners"):
                    result = self._home.owners()
                case ("PUT", "owners"):
                    result = self._set_owner(query, body)
                case ("DELETE", "owners"):
                    self._home.remove_owner(_owner(query))
                    result = self._home.owners()
                case ("GET", "apps"):
                    result = [self._app(app) for app in self._parts.supervisor.apps()]
                case ("GET", "triggers"):
                    result = self._failed_triggers()
                case ("GET", "events"):
                    project, domain, name = (query.get(key, "") for key in ("project", "domain", "app"))
                    events = self._parts.supervisor.events.list(project, domain, name)
                    result = [asdict(event) for event in events]
                case ("POST", "open"):
                    result = {"url": self._open(query.get("app", ""))}
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
        endpoint = self._parts.context.url + app.key.path
        return {"app": str(app.key), "phase": status.phase, "message": status.message, "endpoint": endpoint}

    def _open(self, name: str) -> str:
        app = next((app for app in self._parts.supervisor.apps() if str(app.key) == name), None)
        if app is None:
            raise ValueError(f"no app is called {name!r} here: name it as project/domain/name (?app=)")
        return entrance(self._parts.sessions, app)

    def _failed_triggers(self) -> list[dict[str, object]]:
        """Return the triggers whose last firing started no run."""
        failures = []
        for trigger in self._parts.triggers.all():
            failure = self._parts.triggers.failure(trigger.id.name)
            if failure is not None:
                failures.append({"trigger": trigger_key(trigger.id.name), **asdict(failure)})
        return failures

    def _set_owner(self, query: QueryParams, body: bytes) -> dict[str, int]:
        try:
            epoch = json.loads(body)["epoch"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ValueError('the body must be JSON: {"epoch": 1}') from None
        if type(epoch) is not int or epoch < 1:
            raise ValueError(f"epoch must be a whole number from 1 on, not {epoch!r}")
        self._home.set_owner(_owner(query), epoch)
        return self._home.owners()


def _owner(query: QueryParams) -> str:
    owner = query.get("owner", "")
    if not owner:
        raise ValueError("name the owner: ?owner=<mark>")
    return owner
