"""A Flyte API with the semantics of Flyte OSS, in memory, behind the generated ASGI stubs.

What it does differently from the embedded control plane is the point: upserts that take over silently, an update to
STOPPED that applies nothing else, service names that collide, log streams, and faults on request.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyteidl2.app import app_definition_pb2, app_logs_payload_pb2, app_payload_pb2
from flyteidl2.app.app_logs_service_connect import AppLogsService, AppLogsServiceASGIApplication
from flyteidl2.app.app_service_connect import AppService, AppServiceASGIApplication
from flyteidl2.common import identifier_pb2
from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.dataproxy.dataproxy_service_connect import DataProxyService, DataProxyServiceASGIApplication
from flyteidl2.project import project_service_pb2
from flyteidl2.project.project_service_connect import ProjectService, ProjectServiceASGIApplication
from flyteidl2.secret import definition_pb2, payload_pb2
from flyteidl2.secret.secret_connect import SecretService, SecretServiceASGIApplication
from flyteidl2.task import task_definition_pb2, task_service_pb2
from flyteidl2.task.task_service_connect import TaskService, TaskServiceASGIApplication
from flyteidl2.trigger import trigger_definition_pb2, trigger_service_pb2
from flyteidl2.trigger.trigger_service_connect import TriggerService, TriggerServiceASGIApplication

Status = app_definition_pb2.Status


@dataclass
class World:
    """Everything the server knows; tests look into it and change it behind the plugin's back."""

    apps: dict[str, app_definition_pb2.App] = field(default_factory=dict)
    tasks: dict[tuple[str, ...], task_definition_pb2.TaskDetails] = field(default_factory=dict)
    task_order: list[tuple[str, ...]] = field(default_factory=list)
    secrets: dict[tuple[str, str, str], str] = field(default_factory=dict)
    triggers: dict[tuple[str, ...], trigger_definition_pb2.TriggerDetails] = field(default_factory=dict)
    projects: dict[str, project_service_pb2.Project] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    fail_apps: str | None = None
    pend_apps: bool = False
    public_url: str | None = None
    platform_variables: frozenset[str] = frozenset()
    faults: dict[str, list[ConnectError]] = field(default_factory=dict)

    def record(self, name: str, ctx: Any) -> None:
        """Counts a call; raises a planned fault."""
        self.calls.append(name)
        self.headers.append(dict(ctx.request_headers().allitems()) if hasattr(ctx, "request_headers") else {})
        planned = self.faults.get(name)
        if planned:
            raise planned.pop(0)

    def app(self, name: str, project: str = "shop", domain: str = "development") -> app_definition_pb2.App | None:
        """The app behind a service name."""
        return self.apps.get(service_name(app_definition_pb2.Identifier(project=project, domain=domain, name=name)))

    def mutations(self) -> list[str]:
        """The calls that changed something."""
        changing = ("Create", "Update", "Delete", "Deploy")
        return [call for call in self.calls if call.split(".")[1].startswith(changing)]


def service_name(id: app_definition_pb2.Identifier) -> str:
    """flyteorg/flyte app_client.go."""
    joined = f"{id.name}-{id.project}-{id.domain}".lower()
    if len(joined) <= 63:
        return joined
    return f"{joined[:54]}-{hashlib.sha256(f'{id.project}/{id.domain}/{id.name}'.encode()).hexdigest()[:8]}"


class Apps(AppService):  # type: ignore[misc]
    def __init__(self, world: World) -> None:
        self.world = world

    async def create(self, request: Any, ctx: Any) -> Any:
        self.world.record("App.Create", ctx)
        return app_payload_pb2.CreateResponse(app=self._upsert(request.app))

    async def get(self, request: Any, ctx: Any) -> Any:
        self.world.record("App.Get", ctx)
        app = self.world.apps.get(service_name(request.app_id))
        if app is None:
            raise ConnectError(Code.NOT_FOUND, "app not found")
        return app_payload_pb2.GetResponse(app=app)

    async def watch(self, request: Any, ctx: Any) -> AsyncIterator[Any]:
        self.world.record("App.Watch", ctx)
        app = self.world.apps.get(service_name(request.app_id))
        if app is not None:
            yield app_payload_pb2.WatchResponse(create_event=app_payload_pb2.CreateEvent(app=app))
        await asyncio.sleep(60)

    async def update(self, request: Any, ctx: Any) -> Any:
        self.world.record("App.Update", ctx)
        app = self.world.apps.get(service_name(request.app.metadata.id))
        if request.app.spec.desired_state == app_definition_pb2.Spec.DESIRED_STATE_STOPPED:
            self.world.calls.append("App.Stop")
            if app is None:
                raise ConnectError(Code.NOT_FOUND, "app not found")
            _set(app, Status.DEPLOYMENT_STATUS_STOPPED, "stopped")
            app.status.ClearField("ingress")
            return app_payload_pb2.UpdateResponse(app=app)
        return app_payload_pb2.UpdateResponse(app=self._upsert(request.app))

    async def delete(self, request: Any, ctx: Any) -> Any:
        self.world.record("App.Delete", ctx)
        self.world.apps.pop(service_name(request.app_id), None)
        return app_payload_pb2.DeleteResponse()

    def _upsert(self, wanted: app_definition_pb2.App) -> app_definition_pb2.App:
        name = service_name(wanted.metadata.id)
        self._check_variables(name, wanted)
        known = self.world.apps.get(name)
        if known is not None and known.spec == wanted.spec and not _is(known, Status.DEPLOYMENT_STATUS_STOPPED):
            return known  # To Knative an equal specification is no new revision, whatever became of the last one.
        app = app_definition_pb2.App()
        app.metadata.id.CopyFrom(wanted.metadata.id)
        app.spec.CopyFrom(wanted.spec)
        app.spec.desired_state = app_definition_pb2.Spec.DESIRED_STATE_ACTIVE
        app.status.ingress.public_url = self.world.public_url or f"https://{name}.apps.example.com"
        if self.world.fail_apps is not None:
            _set(app, Status.DEPLOYMENT_STATUS_FAILED, self.world.fail_apps)
        elif self.world.pend_apps:
            _set(app, Status.DEPLOYMENT_STATUS_PENDING, "waiting for a node")
        else:
            _set(app, Status.DEPLOYMENT_STATUS_ACTIVE, "")
        self.world.apps[name] = app
        return app

    def _check_variables(self, name: str, wanted: app_definition_pb2.App) -> None:
        """Flyte OSS puts its own variables beside the app's, and Knative takes a name once."""
        declared = [pair.key for pair in wanted.spec.container.env]
        twice = sorted(self.world.platform_variables & set(declared))
        if twice:
            path = "spec.template.spec.containers[0].env"
            reasons = [f'{path}[{declared.index(key)}]: Duplicate value: {{"name":"{key}"}}' for key in twice]
            whole = f'Service.serving.knative.dev "{name}" is invalid: [{", ".join(reasons)}]'
            raise ConnectError(Code.INTERNAL, f"failed to create KService {name}: {whole}")


def _is(app: app_definition_pb2.App, status: int) -> bool:
    return bool(app.status.conditions and app.status.conditions[-1].deployment_status == status)


def _set(app: app_definition_pb2.App, status: int, message: str) -> None:
    condition = app.status.conditions.add(deployment_status=status, message=message)
    condition.last_transition_time.GetCurrentTime()


class AppLogs(AppLogsService):  # type: ignore[misc]
    def __init__(self, world: World) -> None:
        self.world = world

    async def tail_logs(self, request: Any, ctx: Any) -> AsyncIterator[Any]:
        lines = app_logs_payload_pb2.LogLines(lines=self.world.logs)
        yield app_logs_payload_pb2.TailLogsResponse(batches=app_logs_payload_pb2.LogLinesBatch(logs=[lines]))
        await asyncio.sleep(60)


class Tasks(TaskService):  # type: ignore[misc]
    def __init__(self, world: World) -> None:
        self.world = world

    async def deploy_task(self, request: Any, ctx: Any) -> Any:
        self.world.record("Task.DeployTask", ctx)
        id = request.task_id
        key = (id.project, id.domain, id.name, id.version)
        details = task_definition_pb2.TaskDetails(task_id=id, spec=request.spec)
        details.metadata.deployed_at.GetCurrentTime()
        if key not in self.world.tasks:
            self.world.task_order.append(key)
        self.world.tasks[key] = details
        return task_service_pb2.DeployTaskResponse()

    async def get_task_details(self, request: Any, ctx: Any) -> Any:
        self.world.record("Task.GetTaskDetails", ctx)
        id = request.task_id
        found = self.world.tasks.get((id.project, id.domain, id.name, id.version))
        if found is None:
            raise ConnectError(Code.NOT_FOUND, "task not found")
        return task_service_pb2.GetTaskDetailsResponse(details=found)

    async def list_versions(self, request: Any, ctx: Any) -> Any:
        self.world.record("Task.ListVersions", ctx)
        name = request.task_name
        wanted = (name.project, name.domain, name.name)
        versions = [key[3] for key in reversed(self.world.task_order) if key[:3] == wanted]
        return task_service_pb2.ListVersionsResponse(
            versions=[task_service_pb2.ListVersionsResponse.VersionResponse(version=v) for v in versions]
        )


class Secrets(SecretService):  # type: ignore[misc]
    def __init__(self, world: World) -> None:
        self.world = world

    async def create_secret(self, request: Any, ctx: Any) -> Any:
        self.world.record("Secret.CreateSecret", ctx)
        key = _secret_key(request.id)
        if key in self.world.secrets:
            raise ConnectError(Code.ALREADY_EXISTS, "secret already exists")
        self.world.secrets[key] = request.secret_spec.string_value
        return payload_pb2.CreateSecretResponse()

    async def update_secret(self, request: Any, ctx: Any) -> Any:
        self.world.record("Secret.UpdateSecret", ctx)
        key = _secret_key(request.id)
        if key not in self.world.secrets:
            raise ConnectError(Code.NOT_FOUND, "secret not found")
        self.world.secrets[key] = request.secret_spec.string_value
        return payload_pb2.UpdateSecretResponse()

    async def get_secret(self, request: Any, ctx: Any) -> Any:
        self.world.record("Secret.GetSecret", ctx)
        if _secret_key(request.id) not in self.world.secrets:
            raise ConnectError(Code.NOT_FOUND, "secret not found")
        return payload_pb2.GetSecretResponse(secret=definition_pb2.Secret(id=request.id))

    async def delete_secret(self, request: Any, ctx: Any) -> Any:
        self.world.record("Secret.DeleteSecret", ctx)
        if self.world.secrets.pop(_secret_key(request.id), None) is None:
            raise ConnectError(Code.NOT_FOUND, "secret not found")
        return payload_pb2.DeleteSecretResponse()

    async def list_secrets(self, request: Any, ctx: Any) -> Any:
        self.world.record("Secret.ListSecrets", ctx)
        found = [
            definition_pb2.Secret(id=definition_pb2.SecretIdentifier(name=name, project=project, domain=domain))
            for (project, domain, name) in self.world.secrets
            # The narrower scopes too (flyteorg/flyte secret_service.go).
            if request.project in ("", project) and request.domain in ("", domain)
        ]
        return payload_pb2.ListSecretsResponse(secrets=found)


def _secret_key(id: Any) -> tuple[str, str, str]:
    if id.project and not id.domain:
        raise ConnectError(Code.INVALID_ARGUMENT, "a project secret needs a domain")
    return (id.project, id.domain, id.name)


class Triggers(TriggerService):  # type: ignore[misc]
    def __init__(self, world: World) -> None:
        self.world = world

    async def deploy_trigger(self, request: Any, ctx: Any) -> Any:
        self.world.record("Trigger.DeployTrigger", ctx)
        name = request.name
        details = trigger_definition_pb2.TriggerDetails(
            id=identifier_pb2.TriggerIdentifier(name=name, revision=1),
            spec=request.spec,
            automation_spec=request.automation_spec,
        )
        self.world.triggers[_trigger_key(name)] = details
        return trigger_service_pb2.DeployTriggerResponse(trigger=details)

    async def get_trigger_details(self, request: Any, ctx: Any) -> Any:
        self.world.record("Trigger.GetTriggerDetails", ctx)
        found = self.world.triggers.get(_trigger_key(request.name))
        if found is None:
            raise ConnectError(Code.NOT_FOUND, "trigger not found")
        return trigger_service_pb2.GetTriggerDetailsResponse(trigger=found)

    async def delete_triggers(self, request: Any, ctx: Any) -> Any:
        self.world.record("Trigger.DeleteTriggers", ctx)
        for name in request.names:
            self.world.triggers.pop(_trigger_key(name), None)
        return trigger_service_pb2.DeleteTriggersResponse()


def _trigger_key(name: Any) -> tuple[str, ...]:
    return (name.project, name.domain, name.task_name, name.name)


class Projects(ProjectService):  # type: ignore[misc]
    def __init__(self, world: World) -> None:
        self.world = world

    async def create_project(self, request: Any, ctx: Any) -> Any:
        self.world.record("Project.CreateProject", ctx)
        if request.project.id in self.world.projects:
            raise ConnectError(Code.ALREADY_EXISTS, "project already exists")
        self.world.projects[request.project.id] = request.project
        return project_service_pb2.CreateProjectResponse()

    async def update_project(self, request: Any, ctx: Any) -> Any:
        self.world.record("Project.UpdateProject", ctx)
        if request.project.id not in self.world.projects:
            raise ConnectError(Code.NOT_FOUND, "project not found")
        self.world.projects[request.project.id] = request.project
        return project_service_pb2.UpdateProjectResponse()

    async def get_project(self, request: Any, ctx: Any) -> Any:
        self.world.record("Project.GetProject", ctx)
        if request.id not in self.world.projects:
            raise ConnectError(Code.NOT_FOUND, "project not found")
        project = project_service_pb2.Project()
        project.CopyFrom(self.world.projects[request.id])
        del project.domains[:]
        project.domains.extend([project_service_pb2.Domain(id=d) for d in ("development", "staging", "production")])
        return project_service_pb2.GetProjectResponse(project=project)


class Data(DataProxyService):  # type: ignore[misc]
    def __init__(self, world: World, url: Callable[[], str]) -> None:
        self.world, self.url = world, url

    async def create_upload_location(self, request: Any, ctx: Any) -> Any:
        self.world.record("Data.CreateUploadLocation", ctx)
        path = f"{request.project}/{request.domain}/{request.filename_root}/{request.filename}"
        known = self.world.uploads.get(path)
        if known is not None and hashlib.md5(known, usedforsecurity=False).digest() != request.content_md5:
            raise ConnectError(Code.ALREADY_EXISTS, f"file already exists at location {path}")
        # The length is that of the checksum (flyteorg/stow s3/container.go).
        return dataproxy_service_pb2.CreateUploadLocationResponse(
            signed_url=f"{self.url()}/store/{path}",
            native_url=f"s3://bucket/{path}",
            headers={"x-signed": "yes", "Content-Length": "24"},
        )


class Server:
    """The services behind one port."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.port = 0
        services: list[Any] = [
            AppServiceASGIApplication(Apps(world)),
            AppLogsServiceASGIApplication(AppLogs(world)),
            TaskServiceASGIApplication(Tasks(world)),
            SecretServiceASGIApplication(Secrets(world)),
            TriggerServiceASGIApplication(Triggers(world)),
            ProjectServiceASGIApplication(Projects(world)),
            DataProxyServiceASGIApplication(Data(world, lambda: self.url)),
        ]
        self._services = {service.path: service for service in services}

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Dispatches by the first path segment."""
        if scope["type"] != "http":
            return
        segment = "/" + scope["path"].split("/")[1]
        if segment == "/store":
            await self._store(scope, receive, send)
        elif segment in self._services:
            await self._services[segment](scope, receive, send)
        else:
            await _answer(send, 404, b"Not Found")

    async def _store(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.world.uploads[scope["path"].removeprefix("/store/")] = body
        await _answer(send, 200, b"")


async def _answer(send: Any, status: int, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(world: World, port: int = 0) -> Iterator[Server]:
    """Runs the server in a thread."""
    app = Server(world)
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    app.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield app
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(timeout=5)


if __name__ == "__main__":
    import sys

    with serving(World(), int(sys.argv[1])) as running:
        print(running.url, flush=True)
        threading.Event().wait()
