"""The image of a container whose code is baked in: which one it is, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi_flyte.arguments.image import Image
from pulumi_flyte.platforms.image_plan import plan_image
from pulumi_flyte.platforms.planned_image import ImagePlan
from pulumi_flyte.settings import Settings
from pulumi_flyte.source import staging
from pulumi_flyte.source.bundle import Bundle
from pulumi_flyte.source.description import SourceImage
from pulumi_flyte.workload.container import Container, ImageChoice

SETTINGS = Settings("kubernetes", "shop", registry="ghcr.io/acme")
SERVE = ("python", "-m", "flyte_runtime", "serve", "web:app")
CODE = Bundle({"web.py": b"import fastapi\n"})


@pytest.fixture(autouse=True)
def program_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(staging.CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path


def plan(
    requested: Image | str | None = None,
    bundle: Bundle | None = CODE,
    command: tuple[str, ...] = SERVE,
    settings: Settings = SETTINGS,
    *,
    source: SourceImage | None = None,
    needs_flyte: bool = False,
) -> ImagePlan:
    container = Container(image=ImageChoice(requested, source), command=command, bundle=bundle)
    return plan_image(container, settings, "web", needs_flyte=needs_flyte)


def dockerfile(image: ImagePlan) -> str:
    assert image.build is not None, [str(each) for each in image.problems]
    return image.build.context.dockerfile


def requirements(image: ImagePlan) -> list[str]:
    assert image.build is not None, [str(each) for each in image.problems]
    files = image.build.context.files
    (path,) = [each for each in files if each.endswith("/requirements.txt")]
    return files[path].content.decode().splitlines()


def names(lines: list[str]) -> set[str]:
    return {line.partition("=")[0].partition("[")[0].lower() for line in lines}


def problem(image: ImagePlan) -> str:
    (one,) = image.problems
    return str(one)


def test_a_uri_without_code_is_that_image() -> None:
    assert plan("ghcr.io/acme/x:1", None) == ImagePlan("ghcr.io/acme/x:1")
    assert plan(None, None, source=SourceImage("own:1")) == ImagePlan("own:1")


def test_a_uri_with_code_is_the_base_of_an_image_with_the_code() -> None:
    image = plan("ghcr.io/acme/x:1")
    assert dockerfile(image).startswith("FROM ghcr.io/acme/x:1\nWORKDIR /app\n")
    assert "RUN" not in dockerfile(image)
    assert str(image.reference).startswith("ghcr.io/acme/shop-web:")


def test_without_an_image_the_packages_are_those_that_the_code_imports() -> None:
    image = plan()
    assert dockerfile(image).startswith("FROM python:3.12-slim-bookworm AS uv\n")
    lines = requirements(image)
    assert {"fastapi", "uvicorn", "pydantic"} <= names(lines)
    assert not {"flyte", "pulumi", "flyte-runtime"} & names(lines)
    assert all("==" in line for line in lines), "each in the version that is installed here"
    assert "flyte" in names(requirements(plan(needs_flyte=True)))


def test_named_packages_replace_the_derived_ones() -> None:
    lines = requirements(plan(Image(packages=["starlette"])))
    assert lines[0] == "starlette"
    assert "fastapi" not in names(lines)
    assert "uvicorn" in {line.partition("<")[0] for line in lines}


def test_an_image_that_names_no_packages_has_the_derived_ones() -> None:
    image = plan(Image(base="mirror/python:3.13", apt=["ffmpeg"]))
    assert dockerfile(image).startswith("FROM mirror/python:3.13 AS uv")
    assert "apt-get install --yes --no-install-recommends ffmpeg" in dockerfile(image)
    assert "fastapi" in names(requirements(image))


def test_a_command_of_an_installed_package_brings_that_package() -> None:
    files = Bundle({"page.py": b"import httpx\n"})
    assert {"streamlit", "httpx"} <= names(requirements(plan(None, files, ("streamlit", "run", "page.py"))))


def test_a_command_that_nothing_brings_needs_an_image() -> None:
    for bundle in (CODE, None):
        assert "no installed package provides this command: pass image=" in problem(plan(None, bundle, ("nginx",)))
        assert "did you mean 'streamlit'?" in problem(plan(None, bundle, ("stremlit", "run", "page.py")))
    assert "name them in include=" in problem(plan(None, None, ("streamlit", "run", "page.py")))


def test_an_image_that_somebody_describes_needs_no_source() -> None:
    image = plan(Image(base="nginx:1", apt=["ffmpeg"]), None, ("nginx",))
    assert dockerfile(image).startswith("FROM nginx:1\nUSER 0\nRUN apt-get")
    assert "python" not in dockerfile(image)


@pytest.mark.parametrize(
    ("image", "python"),
    [
        (Image(python="3.13"), "3.13"),
        (Image(base="mirror/python:3.11-slim"), "3.11"),
        (Image(base="nvcr.io/nvidia/pytorch:24.10-py3"), "3.12"),
    ],
)
def test_a_build_knows_the_python_that_its_packages_are_for(image: Image, python: str) -> None:
    build = plan(image).build
    assert build is not None
    assert build.python == python


def test_without_a_registry_there_is_one_problem_with_both_ways_out() -> None:
    text = problem(plan(settings=Settings("kubernetes", "shop")))
    assert "flyte:registry" in text
    assert "pass image=" in text


def test_the_code_goes_on_top_of_a_dockerfile(program_folder: Path) -> None:
    (program_folder / "Dockerfile").write_text("FROM mine:1\nUSER 7\n")
    text = dockerfile(plan(Image(dockerfile="Dockerfile")))
    assert text.startswith("FROM mine:1\nUSER 7\nWORKDIR /app\n")
    assert 'COPY [".pulumi-flyte/code/", "/app/"]' in text


def test_the_reference_changes_with_the_code_and_with_nothing_of_the_machine(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = plan().reference
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert plan().reference == first
    assert plan(bundle=Bundle({"web.py": b"import fastapi \n"})).reference != first
