"""A Flyte API with the semantics of Flyte OSS, in memory, behind the generated ASGI stubs.

What it does differently from the embedded control plane is the point: upserts that take over silently, an update to
STOPPED that applies nothing else, service names that collide, variables that the install sets itself, a Get that is
answered from a cache, conditions in the order of their names, log streams, and faults on request. Compared with the API
server of Flyte OSS 2.0.43 before a real Kubernetes API;
docs/decisions/the-platform-flyte-was-tested-with-a-real-flyte-oss.md says what was not.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyteidl2.app import app_definition_pb2, app_logs_payload_pb2, app_payload_pb2, replica_definition_pb2
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
# Set in every app by app_client.go, after the app's own.
ALWAYS_SET = ("INTERNAL_APP_ENDPOINT_PATTERN", "FLYTE_INTERNAL_EXECUTION_PROJECT", "FLYTE_INTERNAL_EXECUTION_DOMAIN")


@dataclass
class World:
    """The state of the server. Tests read it, and change it without the plugin's knowledge."""

    apps: dict[str, app_definition_pb2.App] = field(default_factory=dict)
    tasks: dict[tuple[str, ...], task_definition_pb2.TaskDetails] = field(default_factory=dict)
    task_order: list[tuple[str, ...]] = field(default_factory=list)
    secrets: dict[tuple[str, str, str], str] = field(default_factory=dict)
    triggers: dict[tuple[str, ...], trigger_definition_pb2.TriggerDetails] = field(default_factory=dict)
    projects: dict[str, project_service_pb2.Project] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    store_refuses: list[int] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    starts: list[list[str]] = field(default_factory=list)  # the log of each start of a container that ends
    container_waits: str | None = None  # what a container that was never started waits for, as the kubelet says it
    revision: int = 1  # Knative's number in the names of pods
    calls: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    fail_apps: str | None = None
    pend_apps: bool = False
    public_url: str | None = None
    default_env: tuple[str, ...] = ()  # internalApps.defaultEnvVars
    cache_seconds: float = 0.0  # apps.cacheTtl, 30 by default; 0 lets a test change apps behind the API's back
    cache: dict[str, tuple[float, app_definition_pb2.App]] = field(default_factory=dict)
    controller_seconds: float = 0.0  # how long Knative takes to look at a changed service
    has_watch: bool = True
    database_down: bool = False
    faults: dict[str, list[ConnectError]] = field(default_factory=dict)

    def record(self, name: str, ctx: Any) -> None:
        """Count a call, and raise the next fault that a test has planned for it."""
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
        self.changed: dict[str, tuple[float, app_definition_pb2.Status]] = {}

    async def create(self, request: Any, ctx: Any) -> Any:
        self.world.record("App.Create", ctx)
        self._deploy(request.app)
        # What was asked for, with an address and no condition.
        answer = app_definition_pb2.App(metadata=request.app.metadata, spec=request.app.spec)
        answer.status.ingress.public_url = self._public_url(service_name(request.app.metadata.id))
        return app_payload_pb2.CreateResponse(app=answer)

    async def get(self, request: Any, ctx: Any) -> Any:
        self.world.record("App.Get", ctx)
        name = service_name(request.app_id)
        cached = self.world.cache.get(name)
        if cached is not None and time.monotonic() - cached[0] < self.world.cache_seconds:
            return app_payload_pb2.GetResponse(app=cached[1])
        app = self._now(name)
        if app is None:
            raise ConnectError(Code.NOT_FOUND, f'KService {name} not found: services "{name}" not found')
        self.world.cache[name] = (time.monotonic(), app)
        return app_payload_pb2.GetResponse(app=app)

    async def update(self, request: Any, ctx: Any) -> Any:
        self.world.record("App.Update", ctx)
        name = service_name(request.app.metadata.id)
        if request.app.spec.desired_state == app_definition_pb2.Spec.DESIRED_STATE_STOPPED:
            self.world.calls.append("App.Stop")
            app = self.world.apps.get(name)
            if app is None:
                raise ConnectError(Code.NOT_FOUND, "app not found")
            app.status.CopyFrom(Status())
            _add(app, Status.DEPLOYMENT_STATUS_STOPPED, "App scaled to zero")
        else:
            self._deploy(request.app)
        self.world.cache.pop(name, None)
        answer = app_definition_pb2.App(metadata=request.app.metadata, spec=request.app.spec)
        live = self._now(name)
        assert live is not None
        answer.status.CopyFrom(live.status)
        return app_payload_pb2.UpdateResponse(app=answer)

    async def delete(self, request: Any, ctx: Any) -> Any:
        self.world.record("App.Delete", ctx)
        self.world.apps.pop(service_name(request.app_id), None)
        self.world.cache.pop(service_name(request.app_id), None)
        return app_payload_pb2.DeleteResponse()

    async def watch(self, request: Any, ctx: Any) -> AsyncIterator[Any]:
        """Yield a snapshot, which never comes from the cache. It includes apps of the same name in other projects."""
        self.world.record("App.Watch", ctx)
        if not self.world.has_watch:
            raise ConnectError(Code.UNIMPLEMENTED, "flyteidl2.app.AppService.Watch is not implemented")
        for name, app in list(self.world.apps.items()):
            if app.metadata.id.name == request.app_id.name:
                yield app_payload_pb2.WatchResponse(create_event=app_payload_pb2.CreateEvent(app=self._now(name)))
        await asyncio.sleep(60)

    def _deploy(self, requested: app_definition_pb2.App) -> None:
        name = service_name(requested.metadata.id)
        self._refuse_duplicates(name, requested.spec)
        live = self.world.apps.get(name)
        if live is not None and live.spec == requested.spec and not _is(live, Status.DEPLOYMENT_STATUS_STOPPED):
            return  # To Knative an equal specification is not a new revision, even if the last one has failed.
        app = app_definition_pb2.App(spec=requested.spec)
        app.metadata.id.CopyFrom(requested.metadata.id)
        served = live is not None and any(c.message == "Routes are ready" for c in live.status.conditions)
        if live is not None and self.world.controller_seconds:
            before = _decided(served=True) if _is(live, Status.DEPLOYMENT_STATUS_STOPPED) else live.status
            self.changed[name] = (time.monotonic() + self.world.controller_seconds, before)
        app.status.ingress.public_url = self._public_url(name)
        if self.world.fail_apps is not None:
            app.status.MergeFrom(_decided(Status.DEPLOYMENT_STATUS_FAILED, self.world.fail_apps, served=served))
        elif self.world.pend_apps:
            app.status.MergeFrom(_decided(Status.DEPLOYMENT_STATUS_PENDING, "waiting for a node", served=served))
        else:
            app.status.MergeFrom(_decided(served=True))
        self.world.apps[name] = app

    def _refuse_duplicates(self, name: str, spec: app_definition_pb2.Spec) -> None:
        """Knative's resource definition makes a list of variables a map by their names."""
        listed = [*self.world.default_env, *(pair.key for pair in spec.container.env), *ALWAYS_SET]
        twice = [index for index, key in enumerate(listed) if key in listed[:index]]
        if twice:
            at = "spec.template.spec.containers[0].env"
            problems = ", ".join(f'{at}[{index}]: Duplicate value: {{"name":"{listed[index]}"}}' for index in twice)
            reason = f'Service.serving.knative.dev "{name}" is invalid: [{problems}]'
            raise ConnectError(Code.INTERNAL, f"failed to create KService {name}: {reason}")

    def _now(self, name: str) -> app_definition_pb2.App | None:
        """Return an app with its live status. Before the controller has looked, it has the status of before."""
        live = self.world.apps.get(name)
        if live is None:
            return None
        app = app_definition_pb2.App()
        app.CopyFrom(live)
        until, before = self.changed.get(name, (0.0, None))
        if before is not None and time.monotonic() < until and not _is(live, Status.DEPLOYMENT_STATUS_STOPPED):
            app.status.CopyFrom(before)
        if _is(live, Status.DEPLOYMENT_STATUS_STOPPED):
            app.spec.desired_state = app_definition_pb2.Spec.DESIRED_STATE_STOPPED
            app.status.conditions[-1].last_transition_time.GetCurrentTime()
        return app

    def _public_url(self, name: str) -> str:
        return self.world.public_url or f"https://{name}.apps.example.com"


def _is(app: app_definition_pb2.App, status: int) -> bool:
    return any(condition.deployment_status == status for condition in app.status.conditions)


def _add(app: app_definition_pb2.App, status: int, message: str) -> None:
    condition = app.status.conditions.add(deployment_status=status, message=message)
    condition.last_transition_time.GetCurrentTime()


def _decided(
    status: int = Status.DEPLOYMENT_STATUS_ACTIVE, message: str = "", *, served: bool
) -> app_definition_pb2.Status:
    """ConfigurationsReady, Ready, RoutesReady: the last one stays as it was while an older revision serves."""
    app = app_definition_pb2.App()
    active = status == Status.DEPLOYMENT_STATUS_ACTIVE
    _add(app, status, message or "Configuration is ready")
    _add(app, status, message or "Service is ready")
    if served:
        _add(app, status if active else Status.DEPLOYMENT_STATUS_DEPLOYING, "Routes are ready")
        if not active:
            app.status.conditions[-1].last_transition_time.seconds -= 60
    return app.status


class AppLogs(AppLogsService):  # type: ignore[misc]
    def __init__(self, world: World) -> None:
        self.world = world

    async def tail_logs(self, request: Any, ctx: Any) -> AsyncIterator[Any]:
        """The kubelet's log of the app's pod (flyteorg/flyte app_logs_streamer.go). It follows a container that runs,
        and ends with one that has ended; one that was never started has none, and the error says why."""
        self.world.record("Logs.Tail", ctx)
        if not self.world.logs and not self.world.starts and self.world.container_waits is None:
            raise ConnectError(Code.NOT_FOUND, "no replicas found")
        pod = f"{service_name(request.app_id)}-{self.world.revision:05d}-deployment-6f5d-x2x4v"
        replica = replica_definition_pb2.ReplicaIdentifier(app_id=request.app_id, name=pod)
        replicas = app_logs_payload_pb2.ReplicaIdentifierList(replicas=[replica])
        yield app_logs_payload_pb2.TailLogsResponse(replicas=replicas)
        if self.world.container_waits is not None:
            reason = f'container "app" in pod "{pod}" is waiting to start: {self.world.container_waits}'
            raise ConnectError(Code.INTERNAL, f"failed to stream pod logs: {reason}")
        # The last start stays what is read, as in the time between two starts.
        start = min(self.world.calls.count("Logs.Tail") // 2, len(self.world.starts)) - 1 if self.world.starts else 0
        texts = self.world.starts[max(start, 0)] if self.world.starts else self.world.logs
        lines = app_logs_payload_pb2.LogLines(replica_id=replica)
        for text in texts:
            lines.structured_lines.add(message=text).timestamp.seconds = 1_700_000_000 + 20 * max(start, 0)
        yield app_logs_payload_pb2.TailLogsResponse(batches=app_logs_payload_pb2.LogLinesBatch(logs=[lines]))
        if not self.world.starts:
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
        key = (id.project, id.domain, id.name, id.version)
        if self.world.database_down:
            what = f"failed to get task {{{' '.join(key)}}}"
            raise ConnectError(Code.NOT_FOUND, f"{what}: dial tcp 127.0.0.1:5432: connect: connection refused")
        details = self.world.tasks.get(key)
        if details is None:
            raise ConnectError(Code.NOT_FOUND, f"task not found: {{{' '.join(key)}}}")
        return task_service_pb2.GetTaskDetailsResponse(details=details)

    async def list_versions(self, request: Any, ctx: Any) -> Any:
        self.world.record("Task.ListVersions", ctx)
        name = request.task_name
        task = (name.project, name.domain, name.name)
        versions = [key[3] for key in reversed(self.world.task_order) if key[:3] == task]
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
        secrets = [
            definition_pb2.Secret(id=definition_pb2.SecretIdentifier(name=name, project=project, domain=domain))
            for (project, domain, name) in self.world.secrets
            if request.domain in ("", domain) and request.project in ("", project)  # labels: the narrower ones too
        ]
        return payload_pb2.ListSecretsResponse(secrets=secrets)


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
        trigger = self.world.triggers.get(_trigger_key(request.name))
        if trigger is None:
            raise ConnectError(Code.NOT_FOUND, "trigger not found")
        return trigger_service_pb2.GetTriggerDetailsResponse(trigger=trigger)

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
        stored = self.world.uploads.get(path)
        if stored is not None and hashlib.md5(stored).digest() != request.content_md5:
            reason = f"file already exists at [s3://bucket/{path}] with different content (hash mismatch)"
            raise ConnectError(Code.ALREADY_EXISTS, reason)
        checksum = base64.b64encode(request.content_md5).decode()
        headers = {"x-amz-meta-flyteContentMD5": checksum, "Content-MD5": checksum}
        # The checksum's own length, as flyteorg/stow gives it: who sends it sends too much.
        headers["Content-Length"] = str(len(checksum))
        return dataproxy_service_pb2.CreateUploadLocationResponse(
            signed_url=f"{self.url()}/store/{path}", native_url=f"s3://bucket/{path}", headers=headers
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
        """The URL of the server."""
        return f"http://127.0.0.1:{self.port}"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request to the service of its first path segment."""
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
        sent = dict(scope["headers"])
        checksum = base64.b64encode(hashlib.md5(body).digest())
        if scope["method"] == "PUT" and {sent.get(name) for name in _SIGNED} != {checksum}:
            await _answer(send, 403, b"SignatureDoesNotMatch")
            return
        if self.world.store_refuses:
            await _answer(send, self.world.store_refuses.pop(0), b"SlowDown")
            return
        self.world.uploads[scope["path"].removeprefix("/store/")] = body
        await _answer(send, 200, b"")


_SIGNED = (b"content-md5", b"x-amz-meta-flytecontentmd5")


async def _answer(send: Any, status: int, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(world: World, port: int = 0) -> Iterator[Server]:
    """Run the server in a thread."""
    app = Server(world)
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    app.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield app
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(timeout=60)


if __name__ == "__main__":
    import sys

    with serving(World(), int(sys.argv[1])) as running:
        print(running.url, flush=True)
        threading.Event().wait()
