"""Pairs: what the edges of a workload say of who calls whom."""

from __future__ import annotations

from collections.abc import Callable

import pulumi
import pytest
from pulumi_flyte.links import AppLink, TaskLink
from pulumi_flyte.wiring.edge import AppEdge, Edge, KnownEdge, LateEdge, TaskEdge, ValueEdge
from pulumi_flyte.wiring.pairs import Pair, Peer, pairs_of

WEB = Peer("app", "shop", "development", "web")
BACKEND = AppLink("shop", "development", "backend", "http://backend.test")
TO_BACKEND = Pair(WEB, Peer("app", "shop", "development", "backend"), "http", "http://backend.test")


def app_edge(alias: str, link: AppLink = BACKEND) -> AppEdge:
    return AppEdge(alias=alias, link=link, stored="")


def late(value: KnownEdge) -> LateEdge:
    resolved: pulumi.Output[KnownEdge] = pulumi.Output.from_input("").apply(lambda _: value)
    return LateEdge(alias="late", resolved=resolved, stored="")


def test_two_aliases_of_one_app_are_one_pair() -> None:
    assert pairs_of(WEB, [app_edge("a"), app_edge("b")]).fixed == (TO_BACKEND,)


def test_tasks_and_strings_are_no_callees() -> None:
    task = TaskEdge(alias="train", link=TaskLink("shop", "development", "train"), stored="")
    pairs = pairs_of(WEB, [task, ValueEdge(alias="bucket", value="s3://x")])
    assert not pairs.fixed
    assert not pairs.late


def test_the_order_of_edges_is_no_matter() -> None:
    other = app_edge("x", AppLink("shop", "development", "api", "http://api.test"))
    assert pairs_of(WEB, [other, app_edge("a")]) == pairs_of(WEB, [app_edge("a"), other])


def test_a_pair_reads_as_a_sentence() -> None:
    assert str(TO_BACKEND) == "app shop/development/web → app shop/development/backend on http"


def late_link() -> AppLink:
    return AppLink("shop", "development", "backend", pulumi.Output.from_input(BACKEND.url))  # type: ignore[arg-type]


# Outputs belong to the event loop in which they are made.
@pytest.mark.parametrize(
    ("make", "pair"),
    [
        (lambda: late(app_edge("late")), TO_BACKEND),
        (lambda: late(ValueEdge(alias="late", value="x")), None),
        (lambda: late(TaskEdge(alias="late", link=TaskLink("shop", "development", "train"), stored="")), None),
        (lambda: app_edge("late", late_link()), TO_BACKEND),
        (lambda: late(app_edge("late", late_link())), TO_BACKEND),
    ],
    ids=["an app", "a string", "a task", "an app with a late part", "both"],
)
async def test_an_output_becomes_a_pair_when_it_is_known(make: Callable[[], Edge], pair: Pair | None) -> None:
    pairs = pairs_of(WEB, [make()])
    assert pairs.fixed == ()
    assert [each.alias for each in pairs.late] == ["late"]
    assert await pairs.late[0].pair.future() == pair


def test_the_tasks_that_a_task_starts_come_with_it() -> None:
    train = Peer("task", "shop", "development", "train.fit")
    [pair] = pairs_of(train, [app_edge("a")], starts=["train.split", "train.load"]).fixed
    assert [str(each) for each in pair.started] == [
        "task shop/development/train.load",
        "task shop/development/train.split",
    ]
