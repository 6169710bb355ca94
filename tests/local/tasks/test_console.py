"""The console's pages about tasks and runs."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flyte_local.console_html import link, page, table
from flyte_local.console_runs import run_list, run_page
from flyte_local.context import Context
from flyte_local.home import Home
from flyte_local.phases import SUCCEEDED, move
from flyte_local.records import Plan, Records
from flyte_local.store import Store
from flyteidl2.common.identifier_pb2 import ActionIdentifier, RunIdentifier
from flyteidl2.task.common_pb2 import TriggerAutomationSpec
from flyteidl2.task.run_pb2 import RunSpec
from flyteidl2.task.task_definition_pb2 import TaskTrigger
from flyteidl2.workflow.run_definition_pb2 import ActionDetails
from hypothesis import given
from hypothesis import strategies as st

from .conftest import DOMAIN, PROJECT, World

EVIL = "<script>alert('x')</script>"


def show(world: World, path: str) -> str:
    address = f"http://127.0.0.1:{world.port}/v2/domain/{DOMAIN}/project/{PROJECT}/{path}"
    with urllib.request.urlopen(address, timeout=30) as response:
        return str(response.read().decode())


def test_a_tasks_page_has_its_versions_triggers_and_last_runs(world: World) -> None:
    trigger = TaskTrigger(name=f"nightly {EVIL[:8]}", automation_spec=TriggerAutomationSpec())
    trigger.automation_spec.schedule.cron.expression = "0 2 * * *"
    trigger.automation_spec.schedule.cron.timezone = "Europe/Berlin"
    trigger.spec.active = True
    spec = world.shell("true", env={"TOKEN": "canary-of-the-environment"})
    world.deploy("console.shown", spec, "v1", triggers=[trigger])
    latest = world.deploy("console.shown", spec, "v2", triggers=[trigger])
    run = world.run(latest)
    world.wait(run)
    text = show(world, "tasks/console.shown")
    assert text.index("<td>v2</td>") < text.index("<td>v1</td>"), "the newest version comes first"
    assert "nightly &lt;script&gt;" in text
    assert "0 2 * * * Europe/Berlin" in text
    assert f"/runs/{run.name}'" in text
    assert "canary" not in text
    assert show(world, "triggers/console.shown/nightly") == text
    assert "tasks/console.shown'" in show(world, "tasks")


def test_a_runs_page_has_its_actions_with_phase_error_and_log(world: World) -> None:
    run = world.run(world.shell(f'echo "{EVIL}"; echo broken >&2; exit 3'))
    world.wait(run)
    text = show(world, f"runs/{run.name}")
    assert "<span class='failed'>failed</span>" in text
    assert "exit" in text
    assert "3" in text
    assert EVIL in unescape(text)
    assert "<script" not in text
    assert f"/runs/{run.name}'" in show(world, "runs")


def test_runs_are_listed_by_their_time_however_many_actions_one_has(records: Records) -> None:
    create(records, "zzz-old", 1_000, children=300)
    create(records, "mmm-middle", 2_000)
    create(records, "aaa-new", 3_000)
    names = re.findall(r"/runs/([a-z-]+)'", run_list(records, PROJECT, DOMAIN))
    assert names == ["aaa-new", "mmm-middle", "zzz-old"]
    assert re.findall(r"/runs/([a-z-]+)'", run_list(records, "", "", count=1)) == ["aaa-new"]


def test_a_run_of_very_many_actions_says_how_many_it_leaves_out(context: Context, records: Records) -> None:
    create(records, "big", 1_000, children=300)
    text = run_page(context, records, PROJECT, DOMAIN, "big")
    assert text is not None
    assert "101 more actions are not shown." in text
    assert run_page(context, records, PROJECT, DOMAIN, "bi") is None


@given(st.text(), st.text())
def test_no_text_becomes_markup(first: str, second: str) -> None:
    text = page(first, table([second], [[first, link(second, first)]])).decode("utf-8", "surrogatepass")
    tags = re.findall(r"<(/?[a-z!0-9]+)", text)
    assert tags == re.findall(r"<(/?[a-z!0-9]+)", page("x", table(["x"], [["x", link("x", "x")]])).decode())


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    home = Home(tmp_path / "home")
    home.prepare()
    store = Store(home.database)
    yield Context(home, 1, store)
    store.close()


@pytest.fixture
def records(context: Context) -> Records:
    return Records(context)


def create(records: Records, name: str, at: float, children: int = 0) -> None:
    run = RunIdentifier(org="local", project=PROJECT, domain=DOMAIN, name=name)
    plan = Plan(inputs="", base="", interpreter="", run_start="")
    for action in ["a0", *(f"child-{number}" for number in range(children))]:
        details = ActionDetails(id=ActionIdentifier(run=run, name=action))
        move(details, SUCCEEDED, now=at)
        records.create(details, plan, run=RunSpec() if action == "a0" else None)
