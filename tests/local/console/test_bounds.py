"""A page stays small and fast with many records, and no text of a record becomes markup."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flyte_local.apps.app import AppRecord, AppStatus
from flyte_local.apps.events import AppEvent
from flyte_local.composition import Parts, compose
from flyte_local.console.apps import AppPage, PageLink
from flyte_local.console.forms import Forms
from flyte_local.console.graph import Neighbour
from flyte_local.console.images import image_list
from flyte_local.console.log_lines import LogLine
from flyte_local.console.logs import LogView
from flyte_local.console.pagination import paginate
from flyte_local.console.rendering import Renderer, View
from flyte_local.console.requests import PageRequest, whole_number
from flyte_local.console.run_list import RunFilter, RunList, newest_runs, run_list
from flyte_local.console.run_page import attempt_of, run_page, tree
from flyte_local.console.timeline import Bar, BarPart, Scale, Span, bar, duration, scale, spans
from flyte_local.console.wiring import Node
from flyte_local.home import Home
from flyte_local.runs.phases import FAILED, RUNNING, SUCCEEDED, begin_attempt, move
from flyte_local.runs.records import Plan, Records
from flyte_local.state.context import Context
from flyte_local.state.store import Store
from flyte_local.web.paths import EVERYTHING, Scope
from flyte_local.wire.app_key import AppKey
from flyteidl2.common.identifier_pb2 import ActionIdentifier, RunIdentifier
from flyteidl2.task.run_pb2 import RunSpec
from flyteidl2.workflow.run_definition_pb2 import ActionDetails, Run
from hypothesis import given
from hypothesis import strategies as st

from tests.local.tasks.conftest import DOMAIN, PROJECT

SHOP = Scope(PROJECT, DOMAIN)
RENDERER = Renderer(Forms().token, port=1)
LIMIT = 50_000


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    home = Home(tmp_path / "home")
    home.prepare()
    store = Store(home.database)
    yield compose(Context(home, 1, store))
    store.close()


@pytest.fixture
def records(parts: Parts) -> Records:
    return parts.records


def create(records: Records, name: str, at: float, children: int = 0, task: str = "some.task") -> None:
    run = RunIdentifier(org="local", project=PROJECT, domain=DOMAIN, name=name)
    plan = Plan(inputs="", base="", interpreter="", run_start="")
    with records._store.transaction():  # a thousand single writes would wait for the disk
        for action in ["a0", *(f"child-{count}-of-a-long-name" for count in range(children))]:
            details = ActionDetails(id=ActionIdentifier(run=run, name=action))
            details.metadata.parent = "" if action == "a0" else "a0"
            details.metadata.task.id.name = task
            details.status.start_time.FromNanoseconds(int(at * 1e9))
            begin_attempt(details, at + 1)
            move(details, SUCCEEDED, now=at + 3)
            records.create(details, plan, run=RunSpec() if action == "a0" else None)


def shown(view: View | None) -> str:
    """The page, as the console renders it."""
    assert view is not None
    return RENDERER.render(view).decode()


def test_a_thousand_runs_are_paged(parts: Parts, records: Records) -> None:
    for count in range(1000):
        create(records, f"run-{count:04}", 1_000 + count)
    began = time.process_time()
    page = shown(run_list(PageRequest(parts, SHOP)))
    seconds = time.process_time() - began
    assert len(page) < LIMIT
    assert seconds < 5, f"{seconds:.2f} s of this process"
    names = re.findall(r"/runs/(run-\d+)\"", page)
    assert names == [f"run-{count:04}" for count in range(999, 949, -1)]
    assert "1 to 50 of 1000" in page
    last = shown(run_list(PageRequest(parts, SHOP, parameters={"page": "20"})))
    assert re.findall(r"/runs/(run-\d+)\"", last)[-1] == "run-0000"
    assert "Next page" not in last
    assert "there are 1000" in shown(run_list(PageRequest(parts, SHOP, parameters={"page": "9999"})))


def test_runs_are_listed_by_their_time_however_many_actions_one_has(parts: Parts, records: Records) -> None:
    create(records, "zzz-old", 1_000, children=300)
    create(records, "mmm-middle", 2_000, task="other.task")
    create(records, "aaa-new", 3_000)
    page = shown(run_list(PageRequest(parts)))
    assert re.findall(r"/runs/([a-z-]+)\"", page) == ["aaa-new", "mmm-middle", "zzz-old"]
    assert [run.action.id.run.name for run in newest_runs(records, SHOP)] == ["aaa-new", "mmm-middle", "zzz-old"]


def test_a_run_of_very_many_actions_is_paged(parts: Parts, records: Records) -> None:
    create(records, "big", 1_000, children=300)

    def page(name: str = "big", **parameters: str) -> View | None:
        return run_page(PageRequest(parts, SHOP, names={"name": name}, parameters=parameters))

    first = shown(page())
    assert len(first) < LIMIT
    assert "1 to 50 of 301" in first
    assert "301 succeeded" in first
    second = shown(page(page="7"))
    assert second.count("level 2") == 1
    assert "301 to 301 of 301" in second
    assert page("bi") is None
    assert page(i="none") is None


def test_the_last_twenty_attempts_of_an_action_are_linked(parts: Parts, records: Records) -> None:
    create(records, "stubborn", 1_000)
    action = records.actions(f"{PROJECT}/{DOMAIN}/stubborn")[0]
    for _ in range(29):
        begin_attempt(action)
    records.save(action)
    page = shown(run_page(PageRequest(parts, SHOP, names={"name": "stubborn"}, parameters={"attempt": "25"})))
    links = re.findall(r'<a href="[^"]*attempt=(\d+)#action"( aria-current="page")?>', page)
    assert [int(number) for number, _ in links] == list(range(11, 31))
    assert [number for number, current in links if current] == ["25"]


def test_images_are_listed_without_the_passwords_of_their_indexes(parts: Parts) -> None:
    assert "None yet" in shown(image_list(PageRequest(parts)))
    folder = parts.context.home.path / "images"
    (folder / "0123abcd").mkdir(parents=True)
    steps = [["pip", "install", "--index-url", "https://me:canary@index.example/simple", "cowsay"]]
    facts = {"python": "/usr/bin/python3", "steps": steps, "variables": {"TOKEN": "canary"}}
    (folder / "0123abcd" / "environment.json").write_text(json.dumps(facts))
    (folder / "names").mkdir()
    (folder / "names" / "shop:v1").write_text("0123abcd")
    page = shown(image_list(PageRequest(parts)))
    assert "shop:v1" in page
    assert "cowsay" in page
    assert "***@index.example" in page
    assert "canary" not in page


def action(name: str, parent: str) -> ActionDetails:
    details = ActionDetails(id=ActionIdentifier(name=name))
    details.metadata.parent = parent
    return details


_ACTIONS = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["", "a0", *"abcdef"])), max_size=12)


@given(_ACTIONS)
def test_a_tree_has_every_action_that_leads_back_to_the_root_once(pairs: list[tuple[str, str]]) -> None:
    parents = dict(pairs)
    actions = [action("a0", ""), *(action(name, parent) for name, parent in parents.items())]
    rows = tree(actions)
    names = [details.id.name for _, details in rows]
    assert len(names) == len(set(names))
    depths = {details.id.name: depth for depth, details in rows}
    for name in names:
        parent = parents.get(name, "")
        assert depths[name] == (depths[parent] + 1 if parent in depths and parent != name else 0)


def test_children_follow_their_parent() -> None:
    actions = [action("a0", ""), action("x", "a0"), action("y", "a0"), action("z", "x")]
    assert [(depth, a.id.name) for depth, a in tree(actions)] == [(0, "a0"), (1, "x"), (2, "z"), (1, "y")]


def test_a_timeline_has_waiting_running_and_retries() -> None:
    details = ActionDetails()
    details.status.start_time.FromNanoseconds(0)
    details.status.start_time.seconds = 100
    begin_attempt(details, 102)
    move(details, FAILED, now=105)
    begin_attempt(details, 106)
    move(details, RUNNING, now=107)
    shown_spans = spans(details, now=110)
    assert [(s.phase, s.begin, s.end) for s in shown_spans] == [
        ("queued", 100, 102), ("running", 102, 105), ("running", 106, 107), ("running", 107, 110),
    ]  # fmt: skip
    on = scale([shown_spans])
    assert (on.at(100), on.at(105), on.at(110)) == (0, 500, 1000)
    drawn = bar(shown_spans, on)
    assert drawn.text.startswith("queued 2.0 s, running 3.0 s")
    assert drawn.parts[1] == BarPart("running", 200, 300)
    assert spans(ActionDetails(), 1) == []
    assert Scale(5, 5).at(5) == 0
    assert bar([], Scale(0, 0)) == Bar("no time", [])


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_nothing_is_drawn_beside_the_bar(begin: float, end: float, moment: float) -> None:
    assert 0 <= Scale(begin, end).at(moment) <= 1000
    assert Span("running", begin, end).length >= 0


@pytest.mark.parametrize(
    ("length", "text"), [(0.04, "0.0 s"), (59.94, "59.9 s"), (61, "1 min 1 s"), (7260, "2 h 1 min")]
)
def test_durations(length: float, text: str) -> None:
    assert duration(length) == text


@given(st.text())
def test_any_page_number_is_one(text: str) -> None:
    assert whole_number(text) >= 1


@given(st.text())
def test_any_attempt_is_one_that_there_is(text: str) -> None:
    details = ActionDetails()
    assert attempt_of(details, text) == 0
    begin_attempt(details)
    begin_attempt(details)
    assert attempt_of(details, text) in (1, 2)


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_text_becomes_markup(first: str, second: str) -> None:
    def made(a: str, b: str) -> str:
        scope = Scope(a, b)
        status = AppStatus("active", a, 1, 1.0)
        managed: Any = SimpleNamespace(
            key=AppKey(a, b, a), record=AppRecord(), replicas=1, asleep=False, status=lambda: status
        )
        app = AppPage(
            managed, a, b, a, True, [Neighbour(a, Node("app", b, a, b), bool(b), b)],
            LogView([LogLine(a), LogLine(b, "error")], b, a, b), [PageLink(a, b), PageLink(b, a)],
            [AppEvent("x", 1, a, 1.0, b)],
        )  # fmt: skip
        run = Run()
        run.action.id.run.name = run.action.metadata.task.id.name = run.action.metadata.trigger_name = a
        views = (
            View("apps", a, paginate([managed, managed], 1, b), scope, b),
            View("app", b, app, scope),
            View("runs", a, RunList(paginate([run], 1, b), RunFilter(task=a, name=b)), EVERYTHING),
            View("message", a, b, EVERYTHING),
        )
        return "".join(RENDERER.render(view).decode() for view in views)

    assert re.findall(r"<(/?[a-z!0-9]+)", made(first, second)) == re.findall(r"<(/?[a-z!0-9]+)", made("x", "x"))


@given(st.text(min_size=1))
def test_no_text_leaves_its_attribute(text: str) -> None:
    page = RENDERER.render(View("message", "x", "x", Scope(text, text))).decode()
    assert all(re.fullmatch(r'[^"<>]*', value) for value in re.findall(r' href="(.*?)"[ >]', page, re.DOTALL))
