"""`pulumi-flyte graph` of a program in YAML: by the real engine, without the stack's backend and passphrase."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.harness import Stack, plugin_path
from tests.e2e.programs import SHOP
from tests.review.e2e.command import pulumi_flyte
from tests.review.e2e.test_yaml import PROGRAM

CONFIGURATION = """
name: shop
runtime: yaml
config:
  word: {type: string, secret: true}
"""
STACK = """
encryptionsalt: v1:AAAAAAAAAAA=:v1:another:passphrase
config:
  shop:word: {secure: v1:another:passphrase}
  shop:list: {first: [1, 2]}
"""


def test_a_program_in_yaml_is_drawn_without_its_backend_and_passphrase(stack: Stack, tmp_path: Path) -> None:
    stack.write(
        {
            **{name: text for name, text in SHOP.items() if name != "__main__.py"},
            "Pulumi.yaml": f"{CONFIGURATION}{plugin_path()}resources: {json.dumps(PROGRAM)}\n",
            "Pulumi.dev.yaml": STACK,
        }
    )
    before = {path: path.read_bytes() for path in stack.folder.rglob("*") if path.is_file()}
    stack.backend = tmp_path / "nowhere"
    answer = pulumi_flyte(stack, "graph", "--format", "json")
    assert answer.code == 0, answer.errors
    edges = {f"{each['from']} -> {each['to']}" for each in answer.report["edges"]}
    assert edges == {"app page -> app backend"}
    assert [node["name"] for node in answer.report["nodes"]] == ["backend", "page", "resize"]
    assert {path: path.read_bytes() for path in stack.folder.rglob("*") if path.is_file()} == before
    assert not stack.backend.exists()

    stack.write({"backend.py": "broken"})
    answer = pulumi_flyte(stack, "graph")
    assert answer.code == 1
    assert "backend.py" in answer.errors
    assert "pulumi-flyte-stack-" not in answer.errors
