"""The layers of an image that Flyte code declares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pulumi_flyte.images.flyte_layers import steps_of_layers
from pulumi_flyte.images.recipe import Files
from pulumi_flyte.problems import Problems
from pulumi_flyte.source.description import Json, SourceImage

INDEX = "--extra-index-url https://robot:hunter2@pypi.example.com/simple"


@pytest.mark.parametrize(
    "layer",
    [{"packages": ["httpx"], "options": [INDEX]}, {"requirements": f"{INDEX}\nhttpx"}],
    ids=["option", "requirements"],
)
def test_a_credential_gets_into_no_image(layer: Json) -> None:
    problems = Problems()
    steps_of_layers(SourceImage("x:1", (layer,)), problems)
    [problem] = problems.entries
    assert "flyte:buildSecrets" in str(problem)
    assert "hunter2" not in str(problem)


def copied(folder: Path, problems: Problems) -> set[str]:
    """Return the files that a layer copies of a folder."""
    (step,) = steps_of_layers(SourceImage("x:1", ({"copy": str(folder), "to": "/srv"},)), problems)
    assert isinstance(step, Files)
    return set(step.content)


def test_a_folder_brings_its_files_without_secrets_and_what_is_ignored(tmp_path: Path) -> None:
    for path in ("a.py", "sub/b.txt", ".git/config", ".env", "sub/.env", ".venv/x", "__pycache__/a.pyc", "big.bin"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    (tmp_path / ".dockerignore").write_text("*.bin\n.dockerignore\n")
    (tmp_path / "alias.py").symlink_to("a.py")
    os.mkfifo(tmp_path / "pipe")
    problems = Problems()
    assert copied(tmp_path, problems) == {"a.py", "sub/b.txt", "alias.py"}
    assert not problems


def test_a_link_out_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hunter2")
    (tmp_path / "image").mkdir()
    (tmp_path / "image/alias").symlink_to(tmp_path / "key")
    problems = Problems()
    assert copied(tmp_path / "image", problems) == set()
    assert "is a link out of the folder 'image'" in str(problems.entries[0])
