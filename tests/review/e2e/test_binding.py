"""A review binds its update, on the real engine."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.harness import Stack
from tests.e2e.programs import KEY, SHOP
from tests.review.e2e.command import apply, reviewed


@pytest.fixture
def shop(stack: Stack) -> Stack:
    """The deployed shop."""
    stack.write(SHOP)
    stack.init()
    stack.configure({"webhookApiKey": KEY}, secret=True)
    stack.deployed()
    return stack


def edition(number: int) -> dict[str, str]:
    """Return the backend's code in another edition."""
    return {"backend.py": SHOP["backend.py"].replace('"edition": 1', f'"edition": {number}')}


def resources(stack: Stack) -> Any:
    """Return the state without what every command writes."""
    return stack.export()["deployment"]["resources"]


def test_a_review_is_applied_or_refused(shop: Stack) -> None:
    """One story, since each step takes several runs of the engine."""
    shop.write(edition(2))
    report = reviewed(shop)
    assert [(each["name"], each["op"]) for each in report["changes"]] == [("backend-api", "update")]

    # The program moves: another edition, and the same file for the report.
    before = resources(shop)
    shop.write(edition(3))
    (shop.base / "report.json").write_text(json.dumps(report))
    answer = apply(shop, str(shop.base / "report.json"))
    assert answer.code == 1
    assert "- the program" in answer.errors
    assert "the same resources change" in answer.errors
    shop.write({**edition(2), "tasks.py": SHOP["tasks.py"].replace("3", "4")})
    answer = apply(shop, str(shop.base / "report.json"))
    assert "- task resize: update, which was not reviewed" in answer.errors
    assert resources(shop) == before

    # What is unrelated does not refuse: a comment in the program, a key that nothing reads.
    shop.write({"tasks.py": SHOP["tasks.py"], "__main__.py": SHOP["__main__.py"] + "# A comment.\n"})
    shop.configure({"unused": "x"})
    answer = apply(shop, report["token"])
    assert answer.code == 0, answer.errors
    assert answer.output.startswith("applied what was reviewed: 1 update")

    # The state moves: the same review again, after somebody else's update.
    before = resources(shop)
    answer = apply(shop, report["token"])
    assert answer.code == 1
    assert "- the state" in answer.errors
    assert resources(shop) == before

    # A secret moves between review and update. Both of its values are hidden.
    shop.configure({"webhookApiKey": "another-key"}, secret=True)
    token = reviewed(shop)["token"]
    shop.configure({"webhookApiKey": "a-third-key"}, secret=True)
    answer = apply(shop, token)
    assert answer.code == 1
    assert "a-third-key" not in answer.errors
    shop.configure({"webhookApiKey": "another-key"}, secret=True)
    assert apply(shop, token).code == 0
    assert resources(shop) != before
    shop.destroy()
