"""The contract of a workload in its manifest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi_flyte.workload.contract import Contract, packed, unpacked
from pulumi_flyte.workload.manifest import Manifest

ITEM: Any = {
    "type": "object",
    "required": ["id", "name", "kind"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "kind": {"enum": ["a", "b"]}},
}


def api_of(operations: int) -> Any:
    """Return an API with that many operations."""
    paths = [f"GET /item{index}/{{item_id}}" for index in range(operations)]
    responses = {"200": {"json": {"$ref": "Item"}}, "422": {}}
    return {
        "operations": {path: {"parameters": {"path item_id!": ITEM}, "responses": responses} for path in paths},
        "schemas": {"Item": ITEM},
    }


def test_a_manifest_keeps_the_contract() -> None:
    contract = Contract(api_of(2), ({"at": "a.py:1", "app": "backend", "method": "GET", "path": "/é"},))
    manifest = Manifest({"a.py": "0"}, {"httpx": "1"}, contract)
    assert Manifest.parse(json.loads(json.dumps(manifest.as_dict()))) == manifest


def test_a_manifest_without_a_contract_says_nothing_of_it() -> None:
    assert Manifest({"a.py": "0"}).as_dict() == {"format": 1, "files": {"a.py": "0"}}


@pytest.mark.parametrize("text", ["", "x", "AAAA"])
def test_any_other_text_is_no_value(text: str) -> None:
    assert unpacked(text) is None


def test_thirty_operations_are_small_in_the_state() -> None:
    assert len(packed(api_of(30))) < 2500
