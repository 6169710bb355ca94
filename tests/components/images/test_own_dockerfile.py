"""A user's own Dockerfile, with what it copies and nothing else."""

from __future__ import annotations

from pathlib import Path

from pulumi_flyte.images.own_dockerfile import OwnDockerfile, read_dockerfile
from pulumi_flyte.problems import Problems


def test_the_context_is_what_the_dockerfile_copies(tmp_path: Path) -> None:
    for path in ("Dockerfile", "app/main.py", "app/__pycache__/main.pyc", "app/.venv/x", ".env", "data.bin"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    (tmp_path / "run.sh").write_text("#!/bin/sh")
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "Dockerfile").write_text("FROM a\nCOPY app run.sh /srv/\n")
    problems = Problems()
    dockerfile = read_dockerfile(tmp_path / "Dockerfile", "image.dockerfile", problems)
    assert not problems
    assert set(dockerfile.files) == {"app/main.py", "run.sh"}
    assert dockerfile.files["run.sh"].executable
    assert not dockerfile.files["app/main.py"].executable


def test_what_is_ignored_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\nCOPY . /srv/\n")
    (tmp_path / ".dockerignore").write_text(".env\n.dockerignore\nDockerfile\n")
    for name in (".env", "main.py"):
        (tmp_path / name).write_text(name)
    dockerfile = read_dockerfile(tmp_path / "Dockerfile", "image.dockerfile", Problems())
    assert set(dockerfile.files) == {"main.py"}


def test_the_builder_gets_no_rules_that_would_leave_out_what_is_added(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\nCOPY . /srv/\n")
    (tmp_path / ".dockerignore").write_text(".*\n!.dockerignore\nDockerfile\n")
    (tmp_path / "main.py").write_text("")
    dockerfile = read_dockerfile(tmp_path / "Dockerfile", "image.dockerfile", Problems())
    assert set(dockerfile.files) == {"main.py"}


def test_a_dockerfile_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    problems = Problems()
    assert read_dockerfile(tmp_path / "Dockerfile", "image.dockerfile", problems) == OwnDockerfile("", {})
    assert "image.dockerfile: " in str(problems.entries[0])
    assert "No such file" in str(problems.entries[0])


def test_a_link_out_of_the_folder_is_refused_and_one_inside_is_followed(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hunter2")
    folder = tmp_path / "image"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM a\nCOPY main.py alias.py /srv/\n")
    (folder / "main.py").write_text("print()")
    (folder / "alias.py").symlink_to("main.py")
    problems = Problems()
    dockerfile = read_dockerfile(folder / "Dockerfile", "image.dockerfile", problems)
    assert dockerfile.files["alias.py"].content == b"print()"
    (folder / "alias.py").unlink()
    (folder / "alias.py").symlink_to(tmp_path / "key")
    dockerfile = read_dockerfile(folder / "Dockerfile", "image.dockerfile", problems)
    assert not dockerfile.files
    assert [problem.path for problem in problems.entries] == ["image.dockerfile"]
    assert "hunter2" not in str(problems.entries[0])
