"""The comparison of small schemas: what the package `flyte` does not have, and the messages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tools.schema_changes.change import Kind
from tools.schema_changes.comparison import breaking_changes
from tools.schema_changes.package import Package

ROOT = Path(__file__).parents[3]
TEXT = {"type": "string"}
NUMBER = {"type": "number"}


def package(**parts: object) -> Package:
    return Package.model_validate({"name": "shop", **parts})


def resource(**parts: object) -> Package:
    return package(resources={"shop:index:Order": parts})


def function(**parts: object) -> Package:
    return package(functions={"shop:index:price": parts})


def kinds(old: Package, new: Package) -> list[tuple[str, Kind]]:
    return [(change.path, change.kind) for change in breaking_changes(old, new)]


ORDER, PRICE = "shop:index:Order", "shop:index:price"
ITEM = {"inputs": {"properties": {"item": TEXT}}}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (resource(aliases=[{"type": "shop:index:Old"}]), resource(), [(ORDER, Kind.ALIAS_REMOVED)]),
        (
            resource(methods={"pay": "a"}),
            resource(methods={"pay": "b"}),
            [(f"{ORDER}.methods.pay", Kind.METHOD_REMOVED)],
        ),
        (resource(methods={"pay": "a"}), resource(methods={"pay": "a", "ship": "b"}), []),
        (
            resource(stateInputs={"properties": {"a": TEXT}}),
            resource(stateInputs={"properties": {"a": NUMBER}}),
            [(f"{ORDER}.state.a", Kind.TYPE)],
        ),
        (
            resource(inputProperties={"a": TEXT}, plainInputs=["a"]),
            resource(inputProperties={"a": TEXT}),
            [(f"{ORDER}.inputs.a", Kind.PLAIN)],
        ),
        (package(functions={PRICE: {}}), package(), [(PRICE, Kind.TOKEN_REMOVED)]),
        (function(), function(**ITEM), [(PRICE, Kind.SIGNATURE)]),
        (function(**ITEM), function(), [(PRICE, Kind.SIGNATURE), (f"{PRICE}.inputs.item", Kind.INPUT_REMOVED)]),
        (function(**ITEM), function(**ITEM, multiArgumentInputs=["item"]), [(PRICE, Kind.SIGNATURE)]),
        (
            function(outputs={"properties": {"sum": TEXT}, "required": ["sum"]}),
            function(outputs={"properties": {"sum": TEXT}}),
            [(f"{PRICE}.outputs.sum", Kind.MAYBE_ABSENT)],
        ),
        (function(), function(deprecationMessage="Use cost."), []),
        (package(namespace="a"), package(namespace="b"), [("namespace", Kind.PACKAGE)]),
    ],
)
def test_parts_that_the_package_flyte_does_not_have(
    old: Package, new: Package, expected: list[tuple[str, Kind]]
) -> None:
    assert sorted(kinds(old, new), key=str) == sorted(expected, key=str)


def test_a_type_is_returned_if_an_output_of_a_returned_type_has_it() -> None:
    def schema(required: list[str]) -> Package:
        inner = {"type": "object", "properties": {"a": TEXT}, "required": required}
        outer = {
            "type": "object",
            "properties": {"inner": {"items": {"$ref": "#/types/shop:index:Inner"}, "type": "array"}},
        }
        return package(
            types={"shop:index:Inner": inner, "shop:index:Outer": outer},
            resources={ORDER: {"properties": {"outer": {"$ref": "#/types/shop:index:Outer"}}}},
        )

    assert kinds(schema(["a"]), schema([])) == [("shop:index:Inner.a", Kind.MAYBE_ABSENT)]


def test_a_key_that_the_comparison_does_not_cover_is_an_error() -> None:
    with pytest.raises(ValidationError, match=r"inputProperties\.a\.writeOnly"):
        resource(inputProperties={"a": {**TEXT, "writeOnly": True}})


def test_the_command_names_property_change_and_advice(tmp_path: Path) -> None:
    def file(name: str, properties: dict[str, Any], required: list[str]) -> Path:
        parts = {"inputProperties": properties, "requiredInputs": required}
        path = tmp_path / name
        path.write_text(json.dumps({"name": "shop", "resources": {ORDER: parts}}))
        return path

    def run(*files: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tools.schema_changes", *map(str, files)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    old = file("old.json", {"colour": {**TEXT, "description": "The colour."}, "size": NUMBER}, [])
    new = file("new.json", {"color": {**TEXT, "description": "The colour."}, "size": {"type": "integer"}}, ["size"])
    done = run(old, new)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"{ORDER}.inputs.colour is gone (now `color`?): accept it further, with a `deprecationMessage`",
        f"{ORDER}.inputs.size is required now: give it a default, so that programs may leave it out",
        f"{ORDER}.inputs.size was number, and is integer now: keep the type, "
        "and add a property of the new type beside it",
    ]
    assert (run(old, old).returncode, run(old, old).stdout) == (0, "")
    missing = run(old, tmp_path / "missing.json")
    assert missing.returncode == 2
    assert "missing.json" in missing.stderr
    assert "Traceback" not in missing.stderr
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe")
    assert run(old, binary).returncode == 2
    assert run(old, binary).stderr.startswith("a schema is JSON in UTF-8")
