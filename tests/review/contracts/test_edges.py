"""Edges of a stack: the breaks of all of them, and the sentences about what could not be told."""

from __future__ import annotations

import copy
import random
import time
from typing import Any

import pytest
from pulumi_flyte_review.contracts.api import Api
from pulumi_flyte_review.contracts.calls import Apis
from pulumi_flyte_review.contracts.edges import AppEdge, Findings, findings
from pulumi_flyte_review.contracts.usage import Usage
from pulumi_flyte_review.model.report import ContractBreak

from tests.review.contracts.campaign import api_of
from tests.review.contracts.mutations import call_document, document, draw_operations, draw_usage

OLD: Any = {"operations": {"GET /x": {"responses": {"200": {}}}, "GET /y": {"responses": {"200": {}}}}}
NEW: Any = {"operations": {"GET /y": {"responses": {"200": {}}}}}
APIS = Apis(Api.parse(OLD), Api.parse(NEW))


def of(*calls: dict[str, Any], apis: Apis | None = APIS, changes: bool = True) -> Findings:
    documents = [{"at": f"page.py:{line}", "app": "b", **call} for line, call in enumerate(calls, start=3)]
    return findings([AppEdge("app page", "app stock", Usage.parse(documents).calls, apis, changes)], [])


def test_a_break_names_both_ends_the_operation_and_the_place() -> None:
    assert of({"method": "GET", "path": "/x"}, {"method": "GET", "path": "/y"}) == Findings(
        (ContractBreak("app page", "app stock", "GET /x", "the operation is gone", "page.py", 3),)
    )


@pytest.mark.parametrize(
    ("calls", "sentence"),
    [
        ([], "app page calls app stock, whose API changes: it is not known which operations it uses"),
        (
            [{"method": "GET"}] * 5,
            "app page calls app stock, whose API changes: the path or method is computed at"
            " page.py:3, page.py:4, page.py:5 and 2 more",
        ),
        (
            [{"method": "GET", "path": "/{}"}],
            "app page calls app stock, and it is not known whether this matters at page.py:3: GET /x: the operation is"
            " gone",
        ),
    ],
)
def test_what_cannot_be_told_is_said_once(calls: list[dict[str, Any]], sentence: str) -> None:
    assert of(*calls) == Findings((), (sentence,))


def test_an_app_without_a_document_is_said_only_where_its_code_changes() -> None:
    call = {"method": "GET", "path": "/x"}
    sentence = "app stock changes and has no OpenAPI document: the calls of app page are not compared"
    assert of(call, apis=None) == Findings((), (sentence,))
    assert of(call, apis=None, changes=False) == Findings()


def test_an_api_that_stays_has_no_findings() -> None:
    same = Apis(Api.parse(OLD), Api.parse(copy.deepcopy(OLD)))
    assert of({"method": "GET"}, {"method": "GET", "path": "/{}"}, apis=same) == Findings()


def test_a_thousand_edges_are_compared() -> None:
    """Each edge has an API of its own with about thirty operations, and five calls. The time is printed."""
    rng = random.Random(3)
    edges = []
    for index in range(1000):
        operations = [each for _ in range(6) for each in draw_operations(rng)]
        before = document(operations, named=True)
        after = copy.deepcopy(before)
        del after["paths"][operations[0].path]
        calls = [call_document(each, draw_usage(rng, each)) for each in rng.sample(operations, 5)]
        apis = Apis(api_of(before), api_of(after))
        edges.append(AppEdge(f"app c{index}", "app callee", Usage.parse(calls).calls, apis, changes=True))
    begun = time.process_time()
    result = findings(edges, [])
    print(f"{time.process_time() - begun:.2f} s, {len(result.breaks)} breaks")
    assert len({each.caller for each in result.breaks}) > 100
