"""The objects of the stand-in for Flyte OSS as text: what a release left on a platform."""

from __future__ import annotations

from typing import Any

from flyteidl2.app import app_definition_pb2
from flyteidl2.project import project_service_pb2
from flyteidl2.task import task_definition_pb2
from flyteidl2.trigger import trigger_definition_pb2
from google.protobuf.json_format import MessageToDict, ParseDict

from tests.provider.over_grpc.oss_server import World

Json = dict[str, Any]


def shop() -> World:
    """Return a platform with the project `shop` and nothing in it."""
    return World(projects={"shop": project_service_pb2.Project(id="shop", name="shop")})


def document_of(world: World) -> Json:
    """Return the objects as JSON. Values of secrets are left out: no platform gives them back."""
    return {
        "apps": {name: MessageToDict(app) for name, app in world.apps.items()},
        "tasks": [[list(key), MessageToDict(task)] for key, task in world.tasks.items()],
        "triggers": [[list(key), MessageToDict(trigger)] for key, trigger in world.triggers.items()],
        "secrets": [list(key) for key in world.secrets],
        "projects": {name: MessageToDict(project) for name, project in world.projects.items()},
    }


def world_of(document: Json) -> World:
    """Return the platform of a document."""
    world = World(
        apps={name: ParseDict(app, app_definition_pb2.App()) for name, app in document["apps"].items()},
        tasks={tuple(key): ParseDict(task, task_definition_pb2.TaskDetails()) for key, task in document["tasks"]},
        secrets={tuple(key): "" for key in document["secrets"]},
        triggers={
            tuple(key): ParseDict(trigger, trigger_definition_pb2.TriggerDetails())
            for key, trigger in document["triggers"]
        },
        projects={
            name: ParseDict(project, project_service_pb2.Project()) for name, project in document["projects"].items()
        },
    )
    world.task_order.extend(world.tasks)
    return world
