"""A plugin over gRPC against a Flyte API with the semantics of Flyte OSS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flyteidl2.project import project_service_pb2
from flyteidl2.task import task_definition_pb2

from tests.provider.over_grpc import oss_server, plugin


@pytest.fixture
def world() -> oss_server.World:
    """The objects of the server: the projects `shop` and `other`."""
    objects = oss_server.World()
    for name in ("shop", "other"):
        objects.projects[name] = project_service_pb2.Project(id=name, name=name)
    return objects


@pytest.fixture
def deployed_task(world: oss_server.World) -> None:
    """A version of a task, for what is wired to it."""
    identifier = task_definition_pb2.TaskIdentifier(
        project="shop", domain="development", name="words.count", version="v1"
    )
    key = identifier.project, identifier.domain, identifier.name, identifier.version
    world.tasks[key] = task_definition_pb2.TaskDetails(task_id=identifier)
    world.task_order.append(key)


@pytest.fixture
def server(world: oss_server.World) -> Iterator[oss_server.Server]:
    """The server."""
    with oss_server.serving(world) as running:
        yield running


@pytest.fixture
def unconfigured() -> Iterator[plugin.Plugin]:
    """A plugin that nobody has configured."""
    with plugin.running() as running:
        yield running


@pytest.fixture
def flyte(server: oss_server.Server, unconfigured: plugin.Plugin) -> plugin.Plugin:
    """A plugin on platform `flyte`."""
    unconfigured.configure(platform="flyte", endpoint=server.url, baseDomain="apps.example.com")
    return unconfigured


@pytest.fixture
def kubernetes(server: oss_server.Server, unconfigured: plugin.Plugin) -> plugin.Plugin:
    """A plugin on platform `kubernetes`, beside the same Flyte API."""
    unconfigured.configure(platform="kubernetes", endpoint=server.url, consoleUrl="https://console.example.com/")
    return unconfigured


@pytest.fixture
def kubernetes_alone(unconfigured: plugin.Plugin) -> plugin.Plugin:
    """A plugin on platform `kubernetes` without a Flyte API."""
    unconfigured.configure(platform="kubernetes")
    return unconfigured


@pytest.fixture
def next_run(server: oss_server.Server) -> Iterator[plugin.Plugin]:
    """The plugin of the stack's next `up`: another process to the engine."""
    with plugin.running() as running:
        running.configure(platform="flyte", endpoint=server.url, baseDomain="apps.example.com")
        yield running


@pytest.fixture
def other_stack(server: oss_server.Server) -> Iterator[plugin.Plugin]:
    """A second stack against the same server, which is configured to deploy where the first one does."""
    with plugin.running() as running:
        running.stack = "prod"
        running.configure(platform="flyte", endpoint=server.url, domain="development")
        yield running
