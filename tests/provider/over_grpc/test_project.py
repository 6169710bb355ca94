"""`flyte:api:Project` over gRPC."""

from __future__ import annotations

import pytest
from flyteidl2.project import project_service_pb2 as pb
from pulumi_flyte_provider.properties.values import Secret

from tests.provider.over_grpc.oss_server import World
from tests.provider.over_grpc.plugin import Plugin, PluginError

PROJECT = "flyte:api:Project"
LAB = {"name": "lab", "displayName": "The lab", "description": "d", "labels": {"team": "a"}}


def test_a_project_reads_back_and_is_archived_when_destroyed(flyte: Plugin, world: World) -> None:
    checked = flyte.check(PROJECT, "lab", LAB)
    id, outputs = flyte.create(PROJECT, "lab", LAB)
    assert flyte.read(PROJECT, "lab", id, checked, outputs)[1] == checked
    assert not flyte.diff(PROJECT, "lab", id, flyte.read(PROJECT, "lab", id)[1], outputs, LAB).changed
    flyte.delete(PROJECT, "lab", id, outputs)
    flyte.delete(PROJECT, "lab", id, outputs)
    assert world.projects["lab"].state == pb.PROJECT_STATE_ARCHIVED
    assert flyte.read(PROJECT, "lab", id, checked, outputs)[0] == ""
    flyte.create(PROJECT, "lab", LAB)
    assert world.projects["lab"].state == pb.PROJECT_STATE_ACTIVE, "creating brings an archived one back"


def test_an_update_replaces_labels_and_keeps_the_owner(flyte: Plugin, world: World) -> None:
    id, outputs = flyte.create(PROJECT, "lab", LAB)
    old = flyte.check(PROJECT, "lab", LAB)
    new = {**LAB, "labels": {"team": "b"}, "description": "e"}
    assert set(flyte.diff(PROJECT, "lab", id, old, outputs, new).paths) == {"labels.team", "description"}
    flyte.update(PROJECT, "lab", id, old, outputs, new)
    assert world.projects["lab"].labels.values["team"] == "b"
    assert "pulumi-flyte-owner" in world.projects["lab"].labels.values


def test_somebody_elses_project_stays_theirs(flyte: Plugin, other_stack: Plugin) -> None:
    with pytest.raises(PluginError, match=r"(?s)'shop' exists already.*adopt=true"):
        flyte.create(PROJECT, "p", {"name": "shop"})
    flyte.create(PROJECT, "lab", LAB)
    with pytest.raises(PluginError, match=r"(?s)'lab' is managed by shop\.dev.*another name.*adopt=true"):
        other_stack.create(PROJECT, "lab", LAB)


def test_whoever_adopts_a_project_keeps_it(flyte: Plugin, other_stack: Plugin, world: World) -> None:
    id, outputs = flyte.create(PROJECT, "lab", LAB)
    other_stack.create(PROJECT, "mine", {**LAB, "adopt": True, "description": "theirs"})
    with pytest.raises(PluginError, match=r"taken over by .*flyte.api.Project..mine.*adopt=true to take it back"):
        flyte.update(PROJECT, "lab", id, outputs, outputs, {**LAB, "description": "ours"})
    flyte.delete(PROJECT, "lab", id, outputs)
    assert (world.projects["lab"].description, world.projects["lab"].state) == ("theirs", pb.PROJECT_STATE_ACTIVE)
    flyte.update(PROJECT, "lab", id, outputs, outputs, {**LAB, "description": "ours", "adopt": True})
    assert world.projects["lab"].description == "ours"


def test_an_imported_project_has_no_owner_yet_and_is_ours(flyte: Plugin, world: World) -> None:
    id, inputs, outputs = flyte.read(PROJECT, "shop", "shop")
    flyte.update(PROJECT, "shop", id, inputs, outputs, {**inputs, "description": "mine"})
    assert world.projects["shop"].description == "mine"


def test_a_move_without_aliases_is_refused_and_says_what_to_do(flyte: Plugin, next_run: Plugin) -> None:
    flyte.create(PROJECT, "lab", LAB)
    with pytest.raises(PluginError, match="moved to another parent, name it in `aliases`"):
        next_run.create(f"my:index:Group${PROJECT}", "lab", LAB)


def test_a_secret_in_a_projects_description_is_refused(flyte: Plugin) -> None:
    (problem,) = flyte.failures(PROJECT, "lab", {**LAB, "description": Secret("c4n4ry")})
    assert problem.startswith("description: ")
    assert "c4n4ry" not in problem
