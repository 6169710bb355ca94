"""Triggers and interfaces: what is accepted, what is refused and where."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pulumi_flyte.arguments.task_interface import TaskInterface
from pulumi_flyte.arguments.trigger import Trigger

from tests.components.arguments.checks import paths, right


@pytest.mark.parametrize(
    ("value", "trigger"),
    [
        ("0 2 * * *", Trigger(cron="0 2 * * *")),
        ("@daily", Trigger(cron="@daily")),
        (timedelta(minutes=30), Trigger(interval_minutes=30)),
        ({"intervalMinutes": 30.0, "active": False}, Trigger(interval_minutes=30, active=False)),
    ],
)
def test_a_trigger_is_a_cron_expression_or_an_interval(value: object, trigger: Trigger) -> None:
    assert right(Trigger, value) == trigger


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("99 * * * *", "cron"),
        ("@reboot", "cron"),
        ({"cron": 5}, "cron"),
        ({"cron": "0 2 * * *", "timezone": "Mars/Olympus"}, "timezone"),
        ({"cron": "0 2 * * *", "timezone": 3}, "timezone"),
        ({"interval_minutes": 0}, "interval_minutes"),
        ({"interval_minutes": 1.5}, "interval_minutes"),
        ({"interval_minutes": 2**32}, "interval_minutes"),
        ({}, ""),
        ({"cron": "0 2 * * *", "interval_minutes": 30}, ""),
        ({"cron": "0 2 * * *", "every": 3}, "every"),
        ({"cron": "0 2 * * *", "inputs": 3}, "inputs"),
        (7, ""),
    ],
)
def test_bad_triggers_name_their_path(value: object, path: str) -> None:
    assert paths(Trigger, value) == [path]


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"inputs": {"x": "integer"}}, "inputs.x"),
        ({"inputs": {"x": "list[integer]"}}, "inputs.x"),
        ({"outputs": {"x": 3}}, "outputs.x"),
        ({"outputs": "int"}, "outputs"),
        ({"output": {}}, "output"),
        (["int"], ""),
    ],
)
def test_an_interface_names_types_as_python_does(value: object, path: str) -> None:
    assert paths(TaskInterface, value) == [path]
    assert not paths(TaskInterface, {"inputs": {"xs": "list[int]", "m": "dict[str, float]"}, "outputs": {"f": "file"}})
