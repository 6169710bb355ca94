"""Each trigger of a task becomes a resource that refers to the task's version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pulumi_flyte import Environment, Task

from tests.components.mocks.registrations import FLYTE, Registration, check_problems, problems_of, run

PLATFORMS = pytest.mark.parametrize("config", [{}, FLYTE], ids=["local", "flyte"])
CONTAINER: dict[str, Any] = {"image": "job:1", "command": ["go"], "interface": {"inputs": {"text": "str"}}}
PLAIN: dict[str, Any] = {"image": "job:1", "command": ["go"], "interface": {"inputs": {}}}


def trigger_of(trigger: Any, config: Mapping[str, str], container: Mapping[str, Any] = PLAIN) -> Registration:
    def declare() -> None:
        Task("job", environment=Environment("env", project="p", org="acme"), triggers={"n": trigger}, **container)

    return run(declare, config)["api:Trigger job-n"]


@PLATFORMS
@pytest.mark.parametrize(
    ("argument", "properties"),
    [
        ("0 2 * * *", {"cron": "0 2 * * *"}),
        ({"cron": "0 2 * * *", "timezone": "Europe/Zurich"}, {"cron": "0 2 * * *", "timezone": "Europe/Zurich"}),
        ({"cron": "@daily"}, {"cron": "@daily"}),
        ({"interval_minutes": 30}, {"intervalMinutes": 30}),
        (timedelta(minutes=30), {"intervalMinutes": 30}),
        ({"intervalMinutes": 30.0}, {"intervalMinutes": 30}),
        (
            {"cron": "0 2 * * *", "active": False, "description": "At night."},
            {"active": False, "description": "At night."},
        ),
    ],
)
def test_each_form(config: Mapping[str, str], argument: Any, properties: Mapping[str, Any]) -> None:
    trigger = trigger_of(argument, config)
    place = {"name": "n", "task": "job", "project": "p", "domain": "development", "org": "acme"}
    expected = {**place, **properties}
    assert {key: trigger.inputs.get(key) for key in expected} == expected


def test_an_input_has_the_tasks_type() -> None:
    trigger = trigger_of({"cron": "0 2 * * *", "inputs": {"text": "cat"}}, {}, CONTAINER)
    assert trigger.inputs["inputs"] == [{"name": "text", "value": {"scalar": {"primitive": {"stringValue": "cat"}}}}]


def test_whoever_takes_a_task_over_takes_its_triggers_over() -> None:
    def declare() -> None:
        Task("job", environment=Environment("env"), triggers={"n": "@daily"}, adopt=True, **PLAIN)

    assert run(declare)["api:Trigger job-n"].inputs["adopt"] is True


def test_a_trigger_waits_for_its_task_and_starts_its_version() -> None:
    def declare() -> None:
        environment = Environment("env", project="p")
        Task("job", environment=environment, triggers={"a": "0 2 * * *", "b": {"interval_minutes": 5}}, **PLAIN)

    program = run(declare)
    for name in ("api:Trigger job-a", "api:Trigger job-b"):
        assert program[name].inputs["taskVersion"] == program["api:Task job"].inputs["version"]
        assert program.awaited_by(name) == {"api:Task job"}
        assert program[name].parent == "index:Task job"


WORDS = """
import flyte

words = flyte.TaskEnvironment(name="words", image="registry.example.com/words:1")
hourly = flyte.Trigger(name="hourly", automation=flyte.Cron("0 * * * *"), inputs={"text": "from the code"})
daily = flyte.Trigger(name="daily", automation=flyte.Cron("0 0 * * *"), inputs={"text": "from the code"})

@words.task(triggers=(hourly, daily))
def count(text: str) -> int:
    return len(text)
"""


def test_a_sources_triggers_are_kept_and_one_of_the_same_name_wins(program_folder: Path) -> None:
    (program_folder / "words.py").write_text(WORDS)

    def declare() -> None:
        triggers: Any = {"daily": {"cron": "0 3 * * *", "inputs": {"text": "argument"}}}
        Task("count", environment=Environment("env"), source="words.py:count", triggers=triggers)

    program = run(declare)
    triggers = {each.name: each.inputs for each in program.resources if each.type == "api:Trigger"}
    assert {name: each["cron"] for name, each in triggers.items()} == {
        "count-hourly": "0 * * * *",
        "count-daily": "0 3 * * *",
    }
    assert "from the code" in repr(triggers["count-hourly"]["inputs"])
    assert "argument" in repr(triggers["count-daily"]["inputs"])


PROBLEMS: list[tuple[Any, Mapping[str, str]]] = [
    (5, {"triggers.n": "a cron expression such as"}),
    ("every night", {"triggers.n.cron": ""}),
    ({"cron": 5}, {"triggers.n.cron": "expected a cron expression as text"}),
    ({"crno": "0 2 * * *", "cron": "0 2 * * *"}, {"triggers.n.crno": "did you mean 'cron'?"}),
    ({}, {"triggers.n": "give either cron or interval_minutes"}),
    ({"cron": "0 2 * * *", "interval_minutes": 5}, {"triggers.n": "give either cron or interval_minutes"}),
    ({"cron": "0 2 * * *", "timezone": "Zurich"}, {"triggers.n.timezone": "not a time zone"}),
    ({"interval_minutes": 0}, {"triggers.n.interval_minutes": "at least 1"}),
    ({"interval_minutes": "5"}, {"triggers.n.interval_minutes": "at least 1"}),
    (timedelta(seconds=30), {"triggers.n.interval_minutes": "at least 1"}),
    ({"cron": "0 2 * * *", "inputs": [1]}, {"triggers.n.inputs": "a mapping from the task's inputs"}),
]


@PLATFORMS
@pytest.mark.parametrize(("argument", "expected"), PROBLEMS)
def test_every_problem_is_reported_under_the_triggers_name(
    config: Mapping[str, str], argument: Any, expected: Mapping[str, str]
) -> None:
    def declare() -> None:
        Task("job", environment=Environment("env"), triggers={"n": argument}, **PLAIN)

    check_problems(problems_of(declare, config), expected)


def test_an_input_without_a_default_is_needed_and_has_the_tasks_type() -> None:
    def declare() -> None:
        triggers: Any = {"n": "0 2 * * *", "m": {"cron": "0 2 * * *", "inputs": {"text": 5}}}
        Task("job", environment=Environment("env"), triggers=triggers, **CONTAINER)

    expected = {"triggers.n.inputs.text": "the task needs a value for this input", "triggers.m.inputs.text": ""}
    check_problems(problems_of(declare), expected)


def test_the_inputs_are_not_judged_where_the_source_cannot_be_read() -> None:
    def declare() -> None:
        triggers: Any = {"n": {"cron": "0 2 * * *", "inputs": {"text": "cat"}}}
        Task("job", environment=Environment("env"), source="missing.py:job", triggers=triggers)

    check_problems(problems_of(declare), {"source": "there is no file"})


@pytest.mark.parametrize("name", ["", "n" * 256, 5])
def test_a_triggers_name_that_flyte_refuses_is_a_problem(name: Any) -> None:
    triggers: Any = {name: "0 2 * * *"}
    problems = problems_of(lambda: Task("job", environment=Environment("env"), triggers=triggers, **PLAIN))
    check_problems(problems, {"triggers": "a trigger's name "})


def test_times_and_durations_are_plain_values_of_a_trigger() -> None:
    interface = {"inputs": {"day": "datetime", "wait": "timedelta"}}
    schedule = {"cron": "0 2 * * *", "inputs": {"day": date(2026, 1, 2), "wait": timedelta(minutes=1)}}
    trigger = trigger_of(schedule, {}, {**PLAIN, "interface": interface})
    assert "2026-01-02T00:00:00Z" in repr(trigger.inputs["inputs"])
    assert "60s" in repr(trigger.inputs["inputs"])
