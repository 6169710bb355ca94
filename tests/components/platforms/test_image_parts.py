"""The parts of an image that has to be made: an argument's, or the layers of Flyte code as the reader names them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
from pulumi_flyte.images.context import BuildContext
from pulumi_flyte.images.recipe import (
    Command,
    Files,
    LockedPackages,
    PythonPackages,
    Step,
    SystemPackages,
    Variables,
    WorkingFolder,
)
from pulumi_flyte.platforms.image_parts import BaseWithSteps, ImageParts, Top, image_parts
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source import staging
from pulumi_flyte.workload.container import ImageChoice

from tests.components.source.loaded import load

SETTINGS = Settings("flyte", "shop", registry="localhost:5000")
SOURCE = """
    import flyte

    image = {image}
    env = flyte.TaskEnvironment(name="e", image=image)

    @env.task
    async def t() -> int:
        return 1
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(staging.CACHE_VARIABLE, str(tmp_path / "cache"))
    folder = tmp_path / "src"
    folder.mkdir()
    return folder


def parts_of(folder: Path, image: str, problems: Problems, settings: Settings = SETTINGS) -> ImageParts:
    (folder / "tasks.py").write_text(dedent(SOURCE).replace("{image}", image))
    description = load(folder, "tasks.py:t").description
    return image_parts(ImageChoice.of(None, description, None), settings, problems)


def steps_of(folder: Path, image: str) -> tuple[Step, ...]:
    problems = Problems()
    parts = parts_of(folder, f'flyte.Image.from_base("b:1").clone(name="n", extendable=True){image}', problems)
    assert not problems, [str(each) for each in problems]
    assert isinstance(parts, BaseWithSteps)
    assert parts.base == "b:1"
    return parts.steps


def test_layers_are_steps_in_their_order(folder: Path) -> None:
    (folder / "requirements.txt").write_text("rich\n")
    (folder / "conf").mkdir()
    (folder / "conf/a.ini").write_text("[a]")
    (folder / "one.txt").write_text("1")
    image = """.with_pip_packages("cowsay==6.1", index_url="https://one.example/simple", pre=True)\\
        .with_commands(["echo a", "echo b"]).with_requirements("requirements.txt").with_apt_packages("ffmpeg", "git")\\
        .with_env_vars({"MODE": "fast"}).with_source_folder("conf", "/etc/app", copy_contents_only=True)\\
        .with_source_file("one.txt", "/etc/two.txt").with_workdir("/srv")"""
    assert steps_of(folder, image) == (
        PythonPackages(requirements=("cowsay==6.1",), options=("--index-url https://one.example/simple", "--pre")),
        Command("echo a"),
        Command("echo b"),
        PythonPackages(requirements=("rich",)),
        SystemPackages(("ffmpeg", "git")),
        Variables((("MODE", "fast"),)),
        Files({"a.ini": b"[a]"}, "/etc/app"),
        Files({"two.txt": b"1"}, "/etc"),
        WorkingFolder("/srv"),
    )


def test_a_uv_project_with_its_lock_is_installed_as_locked(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[project]\nname = 'x'\nversion = '1'\n")
    (folder / "uv.lock").write_text("version = 1\n")
    image = '.with_uv_project("pyproject.toml", uvlock=__import__("pathlib").Path("uv.lock"))'
    (step,) = steps_of(folder, image)
    assert isinstance(step, LockedPackages)
    assert step.lock == b"version = 1\n"


@pytest.mark.parametrize(
    ("image", "layer"),
    [
        ('.with_pip_packages("x", secret_mounts="s")', "PipPackages with secret_mounts"),
        ('.with_poetry_project("p.toml")', "PoetryProject"),
    ],
)
def test_a_layer_that_is_not_built_is_a_problem_that_names_it(folder: Path, image: str, layer: str) -> None:
    (folder / "p.toml").write_text("")
    (folder / "poetry.lock").write_text("")
    problems = Problems()
    parts_of(folder, f'flyte.Image.from_base("b:1").clone(name="n", extendable=True){image}', problems)
    (problem,) = problems
    assert problem.path == "image"
    assert layer in problem.reason


def test_flytes_own_base_gives_way_to_a_configured_one(folder: Path) -> None:
    image = 'flyte.Image.from_debian_base(name="mine").with_pip_packages("x")'
    parts = parts_of(folder, image, Problems())
    assert isinstance(parts, BaseWithSteps)
    assert parts.base.startswith("ghcr.io/flyteorg/flyte:")
    configured = replace(SETTINGS, base_image="mirror/python:3.12")
    parts = parts_of(folder, image, Problems(), configured)
    assert isinstance(parts, BaseWithSteps)
    assert parts.base == "mirror/python:3.12"
    assert parts.platforms == ("linux/amd64",)


def test_a_dockerfile_of_flyte_code_is_built_as_it_is(folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM b:1\nCOPY tasks.py /x\n")
    image = 'flyte.Image.from_dockerfile("Dockerfile", registry="r", name="n")'
    parts = parts_of(folder, image.replace('"Dockerfile"', '__import__("pathlib").Path("Dockerfile")'), Problems())
    context: BuildContext = parts.context(Top())
    assert context.dockerfile == "FROM b:1\nCOPY tasks.py /x\n"
    assert set(context.files) == {"tasks.py"}
