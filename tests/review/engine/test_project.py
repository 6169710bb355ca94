"""Pulumi.yaml as Pulumi finds and reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi_flyte_review.engine.configuration import read_configuration, stack_file
from pulumi_flyte_review.engine.project import project_around, read_project
from pulumi_flyte_review.errors import EngineError


def test_project_of_the_nearest_folder_above_counts(tmp_path: Path) -> None:
    below = tmp_path / "apps" / "web"
    below.mkdir(parents=True)
    assert project_around(below) is None
    (tmp_path / "Pulumi.yaml").write_text("name: bücher\r\nruntime: python\r\n", encoding="utf-8")
    project = project_around(below)
    assert project is not None
    assert (project.name, project.folder) == ("bücher", tmp_path.resolve())


@pytest.mark.parametrize("text", [b"name: [\n", b"name: caf\xe9\n", b"- name\n", b"runtime: python\n", b""])
def test_project_that_cannot_be_read_is_one_message(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_bytes(text)
    with pytest.raises(EngineError, match=r"^[^\n]*Pulumi\.yaml [^\n]*$"):
        read_project(tmp_path)


@pytest.mark.parametrize("text", ["config: [1]\n", "config: {\n", "- config\n"])
def test_configuration_that_cannot_be_read_is_one_message(text: str, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(text)
    project = project_around(tmp_path)
    assert project is not None
    with pytest.raises(EngineError, match=r"^[^\n]*Pulumi\.dev\.yaml [^\n]*$"):
        read_configuration(project, stack_file(project, "dev"))
