"""`flyte:api:Trigger` over gRPC."""

from __future__ import annotations

import pytest
from flyteidl2.task import common_pb2

from tests.provider.over_grpc.oss_server import World
from tests.provider.over_grpc.plugin import Plugin, PluginError

pytestmark = pytest.mark.usefixtures("deployed_task")
TRIGGER = "flyte:api:Trigger"
NIGHTLY = {"name": "nightly", "task": "words.count", "taskVersion": "v1", "cron": "0 2 * * *"}
KEY = ("shop", "development", "words.count", "nightly")


@pytest.mark.parametrize(
    "schedule",
    [
        {"cron": "0 2 * * *", "timezone": "Europe/Berlin", "kickoffTimeInput": "when"},
        {"cron": None, "intervalMinutes": 90, "startTime": "2026-01-31T02:00:00Z"},
        {"cron": None},
    ],
)
def test_a_trigger_reads_back(flyte: Plugin, world: World, schedule: dict[str, object]) -> None:
    literal = {"name": "n", "value": {"scalar": {"primitive": {"integer": "3"}}}}
    inputs = {**NIGHTLY, "env": {"A": "1"}, "inputs": [literal], "description": "d", "active": False, **schedule}
    checked = flyte.check(TRIGGER, "nightly", inputs)
    id, outputs = flyte.create(TRIGGER, "nightly", inputs)
    assert id == "shop/development/words.count/nightly"
    assert world.triggers[KEY].spec.active is False
    assert "PULUMI_FLYTE" in world.triggers[KEY].spec.run_spec.annotations.values
    assert flyte.read(TRIGGER, "nightly", id, checked, outputs)[1:] == (checked, outputs)
    _, imported, _ = flyte.read(TRIGGER, "nightly", id)
    assert not flyte.diff(TRIGGER, "nightly", id, imported, outputs, inputs).changed


def test_hours_and_days_of_another_tool_are_minutes(flyte: Plugin, world: World) -> None:
    id, _outputs = flyte.create(TRIGGER, "nightly", {**NIGHTLY, "cron": None, "intervalMinutes": 120})
    rate = world.triggers[KEY].automation_spec.schedule.rate
    rate.unit, rate.value = common_pb2.FIXED_RATE_UNIT_HOUR, 2
    assert flyte.read(TRIGGER, "nightly", id)[1]["intervalMinutes"] == 120


def test_another_task_is_another_trigger(flyte: Plugin) -> None:
    old = flyte.check(TRIGGER, "nightly", NIGHTLY)
    assert flyte.diff(TRIGGER, "nightly", "x", old, old, {**NIGHTLY, "task": "t.u"}).replaces == ["task"]
    assert flyte.diff(TRIGGER, "nightly", "x", old, old, {**NIGHTLY, "taskVersion": "v2"}).replaces == []
    assert not flyte.diff(TRIGGER, "nightly", "x", old, old, {**NIGHTLY, "timezone": "UTC", "active": True}).changed


def test_somebody_elses_trigger_stays_theirs(flyte: Plugin, other_stack: Plugin, world: World) -> None:
    id, outputs = flyte.create(TRIGGER, "nightly", NIGHTLY)
    with pytest.raises(PluginError, match="managed by shop/dev/flyte:api:Trigger::nightly"):
        other_stack.create(TRIGGER, "mine", NIGHTLY)
    other_stack.create(TRIGGER, "mine", {**NIGHTLY, "adopt": True})
    with pytest.raises(PluginError, match="taken over by shop/prod/"):
        flyte.update(TRIGGER, "nightly", id, outputs, outputs, {**NIGHTLY, "cron": "0 3 * * *"})
    flyte.delete(TRIGGER, "nightly", id, outputs)
    assert KEY in world.triggers


def test_deleting_what_was_replaced_leaves_the_trigger_that_replaced_it(flyte: Plugin, world: World) -> None:
    id, old = flyte.create(TRIGGER, "nightly", NIGHTLY)
    _, new = flyte.create(TRIGGER, "nightly", {**NIGHTLY, "cron": "0 3 * * *"})
    flyte.delete(TRIGGER, "nightly", id, old)
    assert world.triggers[KEY].automation_spec.schedule.cron.expression == "0 3 * * *"
    flyte.delete(TRIGGER, "nightly", id, new)
    assert KEY not in world.triggers or world.triggers[KEY].status.HasField("deleted_at")


def test_delete_is_explicit_and_idempotent(flyte: Plugin, world: World) -> None:
    id, outputs = flyte.create(TRIGGER, "nightly", NIGHTLY)
    flyte.delete(TRIGGER, "nightly", id, outputs)
    flyte.delete(TRIGGER, "nightly", id, outputs)
    assert world.triggers == {}
    assert flyte.read(TRIGGER, "nightly", id, outputs, outputs)[0] == ""


def test_a_move_without_aliases_is_refused_and_says_what_to_do(flyte: Plugin, next_run: Plugin, world: World) -> None:
    flyte.create(f"flyte:index:Task${TRIGGER}", "nightly", NIGHTLY)
    with pytest.raises(PluginError, match="moved to another parent, name it in `aliases`"):
        next_run.create(f"my:index:Group$flyte:index:Task${TRIGGER}", "nightly", NIGHTLY)
    assert KEY in world.triggers
