"""flyteidl2.app.AppService with the semantics of Flyte's open source backend (docs/fidelity.md has the differences).

Create is an upsert, an equal specification a no-op; an update to STOPPED applies nothing else; delete is idempotent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from flyteidl2.app import app_payload_pb2 as payload
from flyteidl2.app import app_service_connect
from flyteidl2.app.app_definition_pb2 import App, Condition, Ingress, Spec, Status

from flyte_local.api.call import Call
from flyte_local.api.interpreter import interpreter_of
from flyte_local.apps.app import ManagedApp
from flyte_local.apps.supervisor import Supervisor
from flyte_local.apps.workload import bundle_of, workload
from flyte_local.errors import InvalidAppError
from flyte_local.images.choice import Images
from flyte_local.state.bundle_check import bundle_problem
from flyte_local.state.context import Context
from flyte_local.state.projects import Projects
from flyte_local.wire.app_key import AppKey
from flyte_local.wire.identifiers import not_found
from flyte_local.wire.times import stamp

_DEFAULT_LIMIT = 100
_HEARTBEAT_SECONDS = 30.0
_PHASES = {
    "pending": Status.DEPLOYMENT_STATUS_PENDING,
    "active": Status.DEPLOYMENT_STATUS_ACTIVE,
    "failed": Status.DEPLOYMENT_STATUS_FAILED,
    "stopped": Status.DEPLOYMENT_STATUS_STOPPED,
}
_Change = tuple[App, bool]


class AppService(app_service_connect.AppService):  # type: ignore[misc]  # generated, untyped
    """Deploys, describes and watches apps. The other calls are for the operator of a cluster."""

    def __init__(self, context: Context, supervisor: Supervisor, projects: Projects, images: Images) -> None:
        self._context = context
        self._supervisor = supervisor
        self._projects = projects
        self._images = images

    async def create(self, request: payload.CreateRequest, ctx: Call) -> payload.CreateResponse:
        """Deploy an app, new or existing. The desired state in the request does not count."""
        return payload.CreateResponse(app=await self._deploy(request.app, ctx))

    async def get(self, request: payload.GetRequest, ctx: Call) -> payload.GetResponse:
        """Return one app by its id, or by its public URL."""
        if request.WhichOneof("identifier") == "ingress":
            url = request.ingress.public_url
            for managed in self._supervisor.apps():
                if self._url(managed.key) == url.rstrip("/"):
                    return payload.GetResponse(app=self._view(managed))
            raise not_found(f"ingress.public_url is {url!r}, and no app has this URL: ask for the app by its id")
        return payload.GetResponse(app=self._view(self._supervisor.existing(AppKey.of(request.app_id))))

    async def update(self, request: payload.UpdateRequest, ctx: Call) -> payload.UpdateResponse:
        """Stop the app if that is the desired state, and apply nothing else. Otherwise deploy it."""
        if request.app.spec.desired_state == Spec.DESIRED_STATE_STOPPED:
            stopped = await self._supervisor.halt(AppKey.of(request.app.metadata.id))
            return payload.UpdateResponse(app=self._view(stopped))
        return payload.UpdateResponse(app=await self._deploy(request.app, ctx))

    async def delete(self, request: payload.DeleteRequest, ctx: Call) -> payload.DeleteResponse:
        """Delete an app, and answer once none of its processes is left. A second deletion succeeds."""
        await self._supervisor.remove(AppKey.of(request.app_id))
        return payload.DeleteResponse()

    async def list(self, request: payload.ListRequest, ctx: Call) -> payload.ListResponse:
        """Return apps of a project (and domain), or all of them, by name; a token continues a cut list."""
        project, domain = request.project.name, request.project.domain
        apps = [
            app
            for app in self._supervisor.apps()
            if (not project or app.key.project == project) and (not domain or app.key.domain == domain)
        ]
        remaining = [app for app in apps if str(app.key) > request.request.token]
        limit = request.request.limit or _DEFAULT_LIMIT
        page = remaining[:limit]
        token = str(page[-1].key) if len(remaining) > limit else ""
        response = payload.ListResponse(apps=[self._view(app) for app in page], token=token)
        if request.include_total_count:
            response.total_count = len(apps)
        return response

    async def watch(self, request: payload.WatchRequest, ctx: Call) -> AsyncIterator[payload.WatchResponse]:
        """Yield the apps as they are, then every change.

        The state at the beginning comes as a create event and once more as an update event: Flyte's SDK looks at
        nothing else and would wait for ever for an app that is active already.
        """
        changes: asyncio.Queue[_Change] = asyncio.Queue()

        def listener(app: ManagedApp, removed: bool) -> None:
            if _watches(request, app.key):
                changes.put_nowait((self._view(app), removed))

        with self._supervisor.listening(listener):
            last: dict[str, App] = {}
            for managed in self._supervisor.apps():
                if _watches(request, managed.key):
                    last[str(managed.key)] = app = self._view(managed)
                    yield payload.WatchResponse(create_event=payload.CreateEvent(app=app))
                    yield payload.WatchResponse(update_event=payload.UpdateEvent(updated_app=app, old_app=app))
            while True:
                try:
                    app, removed = await asyncio.wait_for(changes.get(), _HEARTBEAT_SECONDS)
                except asyncio.TimeoutError:
                    # A client that has left is noticed only when the server writes to it.
                    for app in last.values():
                        yield payload.WatchResponse(update_event=payload.UpdateEvent(updated_app=app, old_app=app))
                    continue
                key = str(AppKey.of(app.metadata.id))
                old = last.pop(key, None)
                if removed:
                    yield payload.WatchResponse(delete_event=payload.DeleteEvent(app=app))
                    continue
                last[key] = app
                if old is None:
                    yield payload.WatchResponse(create_event=payload.CreateEvent(app=app))
                if old != app:
                    update = payload.UpdateEvent(updated_app=app, old_app=old or app)
                    yield payload.WatchResponse(update_event=update)

    async def _deploy(self, app: App, ctx: Call) -> App:
        key = AppKey.of(app.metadata.id)
        work = workload(app.spec)
        bundle = bundle_of(work.argv)
        if bundle is not None and not bundle.is_file():
            raise InvalidAppError(
                f"app {key} needs the code bundle {bundle}, which this server does not have: upload it again "
                "(Flyte's client remembers uploads in ~/.flyte/local-cache; remove that folder)"
            )
        if bundle is not None and (problem := await asyncio.to_thread(bundle_problem, bundle)):
            raise InvalidAppError(f"app {key} has a code bundle that cannot be used, {bundle}: {problem}")
        self._projects.ensure(key.project, key.domain)
        existing = self._supervisor.find(key)
        # A request to activate a stopped app does not name the interpreter of its deployment.
        previous_python = existing.record.python if existing is not None and existing.record.stopped else ""
        python = interpreter_of(ctx.request_headers()) or previous_python or self._context.python
        await self._images.prepare(work.image, python)
        return self._view(await self._supervisor.deploy(key, app, python))

    def _view(self, managed: ManagedApp) -> App:
        status = managed.status()
        condition = Condition(
            deployment_status=_PHASES[status.phase], message=status.message, last_transition_time=stamp(status.since)
        )
        created = stamp(managed.record.created_at)
        app = App(
            metadata=managed.app.metadata,
            spec=managed.app.spec,
            status=Status(current_replicas=managed.replicas, conditions=[condition], created_at=created),
        )
        if status.phase != "stopped":
            app.status.ingress.CopyFrom(Ingress(public_url=self._url(managed.key)))
        return app

    def _url(self, key: AppKey) -> str:
        return self._context.url + key.path


def _watches(request: payload.WatchRequest, key: AppKey) -> bool:
    target = request.WhichOneof("target")
    if target == "app_id":
        return key == AppKey.of(request.app_id)
    if target == "project":
        return key.project == request.project.name and request.project.domain in ("", key.domain)
    return True
