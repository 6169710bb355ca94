"""Task versions and projects: the service's answers."""

from __future__ import annotations

import time

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyteidl2.common.identifier_pb2 import ProjectIdentifier
from flyteidl2.common.list_pb2 import Filter, ListRequest, Sort
from flyteidl2.project import project_service_pb2 as projects
from flyteidl2.task import task_service_pb2 as pb
from flyteidl2.task.task_definition_pb2 import TaskIdentifier, TaskName

from .conftest import DOMAIN, PROJECT, World


def versions(world: World, name: str) -> list[str]:
    request = pb.ListTasksRequest(
        request=ListRequest(
            limit=1,
            sort_by=Sort(key="created_at", direction=Sort.DESCENDING),
            filters=[Filter(function=Filter.EQUAL, field="name", values=[name])],
        )
    )
    request.project_id.CopyFrom(ProjectIdentifier(organization="local", name=PROJECT, domain=DOMAIN))
    return [task.task_id.version for task in world.tasks.list_tasks(request).tasks]


def test_the_same_version_overwrites_and_latest_is_the_newest_created(world: World) -> None:
    name = "versioned.task"
    world.deploy(name, world.shell("echo 1"), "v1")
    time.sleep(0.01)
    world.deploy(name, world.shell("echo 2"), "v2")
    world.deploy(name, world.shell("echo other"), "v1")
    assert versions(world, name) == ["v2"]
    details = world.tasks.get_task_details(
        pb.GetTaskDetailsRequest(task_id=TaskIdentifier(project=PROJECT, domain=DOMAIN, name=name, version="v1"))
    ).details
    assert "echo other" in details.spec.task_template.container.command
    listed = world.tasks.list_versions(
        pb.ListVersionsRequest(task_name=TaskName(project=PROJECT, domain=DOMAIN, name=name))
    )
    assert [version.version for version in listed.versions] == ["v2", "v1"]


def test_an_unknown_version_names_those_there_are(world: World) -> None:
    world.deploy("known.task", world.shell("true"), "v1")
    unknown = TaskIdentifier(project=PROJECT, domain=DOMAIN, name="known.task", version="v9")
    with pytest.raises(ConnectError) as caught:
        world.tasks.get_task_details(pb.GetTaskDetailsRequest(task_id=unknown))
    assert caught.value.code == Code.NOT_FOUND
    assert "there are v1" in caught.value.message


@pytest.mark.parametrize(
    ("name", "version"), [("", "v1"), ("a/b", "v1"), ("..", "v1"), ("ok", ""), ("ok", "v" * 64), ("ok", "../v")]
)
def test_names_that_cannot_be_are_refused(world: World, name: str, version: str) -> None:
    with pytest.raises(ConnectError) as caught:
        world.deploy(name, world.shell("true"), version)
    assert caught.value.code == Code.INVALID_ARGUMENT


def test_an_interpreter_that_is_no_program_is_refused(world: World) -> None:
    task = TaskIdentifier(project=PROJECT, domain=DOMAIN, name="python.task", version="v1")
    request = pb.DeployTaskRequest(task_id=task, spec=world.shell("true"))
    with pytest.raises(ConnectError, match="not a Python interpreter on this machine"):
        world.tasks.deploy_task(request, headers={"x-flyte-local-python": "/no/python"})


def test_a_project_comes_with_its_first_use(world: World) -> None:
    with pytest.raises(ConnectError) as caught:
        world.projects.get_project(projects.GetProjectRequest(id="fresh"))
    assert caught.value.code == Code.NOT_FOUND
    task = TaskIdentifier(project="fresh", domain=DOMAIN, name="t", version="v1")
    world.tasks.deploy_task(pb.DeployTaskRequest(task_id=task, spec=world.shell("true")))
    project = world.projects.get_project(projects.GetProjectRequest(id="fresh")).project
    assert [domain.id for domain in project.domains] == ["development", "staging", "production"]
    declared = projects.CreateProjectRequest(project=projects.Project(id="fresh", name="Declared later"))
    world.projects.create_project(declared)
    assert world.projects.get_project(projects.GetProjectRequest(id="fresh")).project.name == "Declared later"
    with pytest.raises(ConnectError):
        world.projects.create_project(declared)


def test_projects_are_created_replaced_and_archived(world: World) -> None:
    made = projects.Project(id="made", name="Made", description="first")
    world.projects.create_project(projects.CreateProjectRequest(project=made))
    with pytest.raises(ConnectError) as caught:
        world.projects.create_project(projects.CreateProjectRequest(project=made))
    assert caught.value.code == Code.ALREADY_EXISTS
    made.state, made.description = projects.PROJECT_STATE_ARCHIVED, ""
    world.projects.update_project(projects.UpdateProjectRequest(project=made))
    project = world.projects.get_project(projects.GetProjectRequest(id="made")).project
    assert (project.state, project.description) == (projects.PROJECT_STATE_ARCHIVED, "")
    listed = world.projects.list_projects(projects.ListProjectsRequest(limit=100)).projects.projects
    assert "made" not in [project.id for project in listed]
    with pytest.raises(ConnectError):
        world.projects.update_project(projects.UpdateProjectRequest(project=projects.Project(id="nothing")))
