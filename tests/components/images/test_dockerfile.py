"""The Dockerfile of a recipe: its layers, their order, and the files that they take."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pulumi_flyte.images.context import BuildContext, ContextFile
from pulumi_flyte.images.dockerfile import context_around, context_of
from pulumi_flyte.images.recipe import (
    Command,
    Files,
    LockedPackages,
    PythonPackages,
    Recipe,
    SystemPackages,
    Variables,
    WorkingFolder,
)

PACKAGES = PythonPackages(requirements=("httpx==0.28.1",), constraints=("anyio==4.9.0",))


def instructions(context: BuildContext) -> list[str]:
    return context.dockerfile.replace("\\\n", "").splitlines()


def test_an_image_of_code_alone_has_one_base_and_keeps_its_user() -> None:
    context = context_of(Recipe(base="ghcr.io/acme/base:7", library={"lib.py": b"l"}, code={"app.py": b"a"}))
    assert instructions(context) == [
        "FROM ghcr.io/acme/base:7",
        "WORKDIR /app",
        "ENV HOME=/tmp USER=app PYTHONPATH=/app",
        'COPY [".pulumi-flyte/library/", "/app/"]',
        'COPY [".pulumi-flyte/code/", "/app/"]',
    ]
    assert context.files == {
        ".pulumi-flyte/library/lib.py": ContextFile(b"l"),
        ".pulumi-flyte/code/app.py": ContextFile(b"a"),
    }


def test_the_code_is_the_last_layer_and_the_process_is_not_root() -> None:
    recipe = Recipe(base="base", steps=(SystemPackages(("git",)), PACKAGES), library={"l.py": b""}, code={"a.py": b""})
    layers = [line for line in instructions(context_of(recipe)) if line.startswith(("RUN", "COPY", "USER"))]
    assert layers[-2] == 'COPY [".pulumi-flyte/code/", "/app/"]'
    assert layers[-1] == "USER 65532:65532"


def test_a_change_of_code_changes_no_instruction() -> None:
    one, other = (
        context_of(Recipe(base="base", steps=(PACKAGES,), code={"a.py": content})) for content in (b"1", b"2")
    )
    assert one.dockerfile == other.dockerfile
    assert one.tag != other.tag


def test_requirements_are_read_from_mounted_files() -> None:
    context = context_of(Recipe(base="base", steps=(PACKAGES,)))
    assert context.files[".pulumi-flyte/0/requirements.txt"].content == b"httpx==0.28.1\n"
    assert context.files[".pulumi-flyte/0/constraints.txt"].content == b"anyio==4.9.0\n"
    assert "httpx" not in context.dockerfile
    assert not [line for line in instructions(context) if line.startswith("COPY")]


def test_system_packages_come_in_one_order() -> None:
    one, other = (context_of(Recipe(base="b", steps=(SystemPackages(names),))) for names in (("b", "a"), ("a", "b")))
    assert one.tag == other.tag


def test_steps_keep_their_order() -> None:
    steps = (
        Variables((("A", 'x "y" $z \\'),)),
        Command("echo hi"),
        PACKAGES,
        WorkingFolder("/srv"),
        Files({"conf/a.ini": b"[a]"}, "/etc/app"),
    )
    lines = instructions(context_of(Recipe(base="base", steps=steps)))
    after = lines[lines.index('ENV A="x \\"y\\" \\$z \\\\"') :]
    assert after[1] == "RUN echo hi"
    assert "uv pip install" in after[2]
    assert after[3:5] == ["WORKDIR /srv", 'COPY [".pulumi-flyte/4/", "/etc/app/"]']


def test_a_lock_is_installed_as_it_is() -> None:
    context = context_of(Recipe(base="base", steps=(LockedPackages(b"[project]", b"version = 1"),)))
    assert context.files[".pulumi-flyte/0/uv.lock"].content == b"version = 1"
    assert "uv sync --active --inexact --frozen" in context.dockerfile


def test_a_python_of_its_own_is_asked_of_uv() -> None:
    assert "--python 3.13 " in context_of(Recipe(base="base", python="3.13")).dockerfile
    assert "--python python3 " in context_of(Recipe(base="base", steps=(PACKAGES,))).dockerfile


@pytest.mark.parametrize("steps", [(), (PACKAGES,), (SystemPackages(("git",)),)])
def test_no_frontend_and_no_other_image_is_fetched(steps: tuple[PythonPackages | SystemPackages, ...]) -> None:
    context = context_of(Recipe(base="base:1", steps=steps, code={"a.py": b""}))
    assert "syntax=" not in context.dockerfile
    assert {line.split()[1] for line in instructions(context) if line.startswith("FROM")} == {"base:1"}


def test_the_code_goes_on_top_of_a_dockerfile_of_the_users() -> None:
    context = context_around("FROM a\nRUN b", {"conf": ContextFile(b"c")}, Recipe(base="", code={"app.py": b"x"}))
    assert instructions(context)[:2] == ["FROM a", "RUN b"]
    assert instructions(context)[-1] == 'COPY [".pulumi-flyte/code/", "/app/"]'
    assert set(context.files) == {"conf", ".pulumi-flyte/code/app.py"}


def test_a_dockerfile_of_the_users_stays_as_it_is_without_code() -> None:
    assert context_around("FROM a\n", {}, Recipe(base="")).dockerfile == "FROM a\n"


def test_scripts_stay_executable() -> None:
    context = context_of(Recipe(base="base", code={"run": b"#!/bin/sh\n", "data": b"x"}))
    assert context.files[".pulumi-flyte/code/run"].executable
    assert not context.files[".pulumi-flyte/code/data"].executable


@pytest.mark.parametrize(("python", "is_made"), [(None, False), ("3.1", True), ("3.99", True), ("own", False)])
def test_another_python_than_that_of_the_bases_environment_replaces_it(
    python: str | None, is_made: bool, tmp_path: Path
) -> None:
    """The step is run by a shell, with an environment of this interpreter in place of the base's and no uv."""
    (tmp_path / "venv/bin").mkdir(parents=True)
    (tmp_path / "venv/bin/python").symlink_to(sys.executable)
    version = "{}.{}".format(*sys.version_info) if python == "own" else python
    lines = instructions(context_of(Recipe(base="base", python=version, steps=(PACKAGES,))))
    (step,) = (line for line in lines if "uv venv" in line)
    command = step[step.rindex("/root/.cache/uv") + len("/root/.cache/uv") :]
    script = command.replace("/opt/uv/bin/uv", "echo made").replace("/opt/venv", str(tmp_path / "venv"))
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert ("made" in done.stdout) is is_made
    assert ("--clear" in script) is (python is not None)
