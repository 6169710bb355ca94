"""Pulumi.yaml as Pulumi finds and reads it."""

from __future__ import annotations

from pathlib import Path

from pulumi_flyte_review.engine.project import project_around


def test_project_of_the_nearest_folder_above_counts(tmp_path: Path) -> None:
    below = tmp_path / "apps" / "web"
    below.mkdir(parents=True)
    assert project_around(below) is None
    (tmp_path / "Pulumi.yaml").write_text("name: bücher\r\nruntime: python\r\n", encoding="utf-8")
    project = project_around(below)
    assert project is not None
    assert (project.name, project.folder) == ("bücher", tmp_path.resolve())
