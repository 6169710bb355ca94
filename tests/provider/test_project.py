"""`flyte:api:Project` over gRPC."""

from __future__ import annotations

import pytest
from flyteidl2.project import project_service_pb2 as pb

from tests.provider.oss_server import World
from tests.provider.plugin import Plugin, PluginError

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
    with pytest.raises(PluginError, match=r"'shop' exists already.*adopt=true"):
        flyte.create(PROJECT, "p", {"name": "shop"})
    flyte.create(PROJECT, "lab", LAB)
    with pytest.raises(PluginError, match="'lab' exists already"):
        other_stack.create(PROJECT, "lab", LAB)
