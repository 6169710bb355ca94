"""The contracts of a stack, from the manifests and the inputs of a preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pulumi_flyte.workload.contract import Contract
from pulumi_flyte.workload.manifest import Manifest
from pulumi_flyte_review.model.preview import Step
from pulumi_flyte_review.model.report import ContractBreak
from pulumi_flyte_review.model.workload import stack_of
from pulumi_flyte_review.report.contracts import contracts_of

from tests.review.report.previews import PLACE, component, preview, resource

ENVIRONMENT = {"platform": "local", **PLACE}
OLD: Any = {"operations": {"GET /level/{item}": {"responses": {"200": {}}}}, "schemas": {}}
NEW: Any = {"operations": {"GET /amount/{item}": {"responses": {"200": {}}}}, "schemas": {}}
CALL = {"at": "page.py:4", "method": "GET", "path": "/level/{}"}
BREAK = ContractBreak("app page", "app stock", "GET /level/{item}", "the operation is gone", "page.py", 4)


def with_contracts(step: Step, old: Contract, new: Contract) -> Step:
    def side(snapshot: Any, contract: Contract) -> Any:
        files = {"a.py": str(contract.api)}
        return replace(snapshot, outputs={**snapshot.outputs, "manifest": Manifest(files, {}, contract).as_dict()})

    return replace(step, before=side(step.before, old), after=side(step.after, new))


def page(call: Mapping[str, Any], **inputs: Any) -> Step:
    step = component(
        "App", "page", before={"environment": ENVIRONMENT, **inputs}, after={"environment": ENVIRONMENT, **inputs}
    )
    return with_contracts(step, Contract(), Contract(None, (call,)))


def stock(old: Any = OLD, new: Any = NEW) -> Step:
    step = component("App", "stock", before={"environment": ENVIRONMENT}, after={"environment": ENVIRONMENT})
    step = with_contracts(step, Contract(old), Contract(new))
    for snapshot in (step.before, step.after):
        assert snapshot is not None
        snapshot.outputs["link"]["url"] = "http://stock.localhost:8480"  # type: ignore[index]
    return step


LINK = {"kind": "app", "name": "stock", **PLACE}


def breaks(*steps: Step) -> list[ContractBreak]:
    return list(contracts_of(stack_of(preview(*steps))).breaks)


def test_a_call_through_an_alias_is_compared() -> None:
    assert breaks(stock(), page({**CALL, "app": "shop"}, inputs={"shop": LINK})) == [BREAK]
    assert breaks(stock(), page({**CALL, "app": "shop"}, inputs={"shop": {"to": LINK, "timeout": 3}})) == [BREAK]
    assert breaks(stock(), page({**CALL, "app": "shop"}, inputs={"shop": {"app": "stock"}})) == [BREAK]


def test_a_call_through_another_alias_is_not() -> None:
    assert breaks(stock(), page({**CALL, "app": "other"}, inputs={"shop": LINK})) == []


def test_a_call_through_a_variable_is_compared() -> None:
    assert breaks(stock(), page({**CALL, "variable": "SHOP"}, inputs={"shop": LINK})) == [BREAK]
    url = {"STOCK_URL": "http://stock.localhost:8480/"}
    assert breaks(stock(), page({**CALL, "variable": "STOCK_URL"}, env=url)) == [BREAK]
    assert breaks(stock(), page({**CALL, "variable": "STOCK_URL"}, env={"STOCK_URL": "http://x"})) == []


def test_an_app_without_an_api_is_said() -> None:
    stack = stack_of(preview(stock(OLD, None), page({**CALL, "app": "shop"}, inputs={"shop": LINK})))
    assert contracts_of(stack).unchecked == (
        "app stock changes and has no OpenAPI document: the calls of app page are not compared",
    )


def test_a_start_of_a_task_is_compared() -> None:
    def template(*names: str) -> dict[str, Any]:
        variables = [{"key": name, "value": {"type": {"simple": "INTEGER"}}} for name in names]
        return {"template": {"taskTemplate": {"interface": {"inputs": {"variables": variables}}}}}

    task = component("Task", "resize", before={"environment": ENVIRONMENT}, after={"environment": ENVIRONMENT})
    below = resource("flyte:api:Task", "resize", task, before=template("width"), after=template("width", "height"))
    start = {"at": "page.py:9", "task": "resize", "inputs": {"width": None}}
    caller = page(start, inputs={"resize": {"kind": "task", "name": "resize", **PLACE}})
    expected = ContractBreak("app page", "task resize", "start", "the input height is required now", "page.py", 9)
    assert breaks(task, below, caller) == [expected]
