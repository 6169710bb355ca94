"""`pulumi-flyte graph`: the declared wiring, without an engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pulumi_flyte_review.commands.main import main

PROGRAM = """
from pulumi_flyte import App, Environment, Task

shop = Environment("shop")
job = Task("job", environment=shop, image="job:1", command=["go"], interface={})
back = App("back", environment=shop, image="back:1", inputs={"job": job})
App("web", environment=shop, image="web:1", inputs={"back": back, "text": "plain"})
"""
FILES = {
    "Pulumi.yaml": "name: shop\nruntime: python\n",
    "Pulumi.dev.yaml": "config: {}\n",
    "__main__.py": PROGRAM,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_graph_of_a_program_is_drawn(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "--cwd", str(folder), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [f"{node['type']} {node['name']}" for node in document["nodes"]] == ["app back", "app web", "task job"]
    assert [f"{edge['from']} -> {edge['to']}" for edge in document["edges"]] == [
        "app back -> task job",
        "app web -> app back",
    ]
    assert {each.get("op", each.get("edit")) for part in ("nodes", "edges") for each in document[part]} == {"same"}


def test_a_folder_without_a_project_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "--cwd", str(tmp_path)]) == 1
    assert "has no Pulumi.yaml" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_an_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "--cwd", str(folder), "--output", str(folder / "none" / "graph")]) == 1
    assert "the file cannot be written" in capsys.readouterr().err
