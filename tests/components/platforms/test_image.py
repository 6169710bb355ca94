"""`Image`: a definition travels as a string that says all of it; what is wrong in one is a problem with its path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flyte_local.images.definition import parse
from pulumi_flyte import Image
from pulumi_flyte.arguments.environment import EnvironmentArguments
from pulumi_flyte.errors import SourceError
from pulumi_flyte.platforms import flyte, local
from pulumi_flyte.platforms.local_image import described
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source import staging
from pulumi_flyte.source.description import Description, SourceImage
from pulumi_flyte.workload.container import Container, ImageChoice

from tests.components.source.loaded import load


def on_local(image: Any, source: Description | None = None, default: Any = None) -> str:
    problems = Problems()
    uri = local.image(ImageChoice.of(image, source or Description(), default), problems)
    assert not problems, [str(problem) for problem in problems]
    assert isinstance(uri, str)
    return uri


def warnings_on_local(image: Any, source: Description | None = None) -> list[str]:
    choice = ImageChoice.of(image, source or Description(), None)
    return local.warnings(Container(image=choice))


def wrong(image: Any) -> list[tuple[str, Any]]:
    problems = Problems()
    EnvironmentArguments.collect(problems, image=image)
    return [(problem.path, problem.value) for problem in problems]


def test_packages_and_python_are_in_the_string_and_the_server_reads_them() -> None:
    text = on_local(Image(python="3.12", packages=["cowsay==6.1", "httpx[http2]>=0.27"]))
    assert text == 'local/python {"layers": [{"packages": ["cowsay==6.1", "httpx[http2]>=0.27"]}], "python": "3.12"}'
    definition = parse(text)
    assert (definition.python, definition.steps) == ("3.12", (("pip", "install", "cowsay==6.1", "httpx[http2]>=0.27"),))


def test_a_requirements_file_is_carried_by_what_it_says(tmp_path: Path) -> None:
    file, problems = tmp_path / "requirements.txt", Problems()
    file.write_text("# tools\n\ncowsay==6.1\nhttpx\n")
    first = described(Image(requirements="requirements.txt"), tmp_path, "image", problems)
    assert parse(first).files == {"requirements-0.txt": "cowsay==6.1\nhttpx"}
    file.write_text("cowsay==6.1\n# another comment\nhttpx\n")
    assert described(Image(requirements="requirements.txt"), tmp_path, "image", problems) == first
    file.write_text("cowsay==6.0\nhttpx\n")
    assert described(Image(requirements="requirements.txt"), tmp_path, "image", problems) != first
    assert str(tmp_path) not in first
    assert not problems


@pytest.mark.parametrize(
    "line", ["-r more.txt", "-c limits.txt", "-e .", "./wheel.whl", "mine @ https://me:pw@host.example/mine.whl"]
)
def test_a_requirements_file_that_cannot_travel_is_a_problem(tmp_path: Path, line: str) -> None:
    (tmp_path / "requirements.txt").write_text(f"cowsay\n{line}\n")
    problems = Problems()
    described(Image(requirements="requirements.txt"), tmp_path, "image", problems)
    assert [problem.path for problem in problems] == ["image.requirements"]
    assert "me:pw" not in str(problems.entries[0])


def test_a_lock_needs_a_container(tmp_path: Path) -> None:
    problems = Problems()
    described(Image(requirements="uv.lock"), tmp_path, "image", problems)
    assert "uv export" in str(problems.entries[0])


def test_a_requirements_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    problems = Problems()
    described(Image(requirements="nothing.txt"), tmp_path, "image", problems)
    assert "No such file" in str(problems.entries[0])


@pytest.mark.parametrize(
    ("image", "paths"),
    [
        ({}, ["image"]),
        ({"packages": "cowsay"}, ["image.packages"]),
        ({"packages": ["cowsay", "--index-url x", 5]}, ["image.packages.1", "image.packages.2"]),
        ({"packages": ["x @ https://me:secret@host/x.whl"]}, ["image.packages.0"]),
        ({"python": 3.12, "apt": ["ffmpeg;rm"], "packages": ["ok"]}, ["image.python", "image.apt.0"]),
        ({"python": "3"}, ["image.python"]),
        ({"requirements": ["a"]}, ["image.requirements"]),
        ({"dockerfile": "Dockerfile", "packages": ["a"]}, ["image.dockerfile"]),
        ({"package": ["a"], "packages": ["a"]}, ["image.package"]),
        (["cowsay"], ["image"]),
        (5, ["image"]),
    ],
)
def test_a_bad_definition_is_a_problem_with_its_path(image: Any, paths: list[str]) -> None:
    assert [path for path, _ in wrong(image)] == paths
    assert "secret" not in str(wrong(image))


def test_the_argument_comes_first_then_the_sources_own_then_the_environments() -> None:
    built = SourceImage("u", ({"packages": ["own"]},), definition={"layers": [{"packages": ["own"]}]})
    source, published = Description(image=built), Description(image=SourceImage("x:1"))
    default = Image(packages=["default"])
    assert "given" in on_local(Image(packages=["given"]), source, default)
    assert "own" in on_local(None, source, default)
    assert "default" in on_local(None, None, default)
    assert on_local(None, published, default) == "local/python"
    container = Container(image=ImageChoice.of(None, published, default))
    assert flyte.planned_image(container, Settings("flyte", "shop"), "web").reference == "x:1"
    assert on_local(None) == "local/python"


def test_what_needs_a_container_is_a_warning_with_the_way_out() -> None:
    for image, phrase in (
        (Image(apt=["ffmpeg"], packages=["a"]), "the system packages ffmpeg"),
        (Image(dockerfile="Dockerfile"), "the Dockerfile 'Dockerfile'"),
    ):
        warnings = warnings_on_local(image)
        assert len(warnings) == 1
        assert phrase in warnings[0]
        assert "deploy to a platform with containers" in warnings[0]
    assert on_local(Image(dockerfile="Dockerfile")) == "local/python"
    assert warnings_on_local(Image(packages=["a"])) == []


SOURCE = """
import flyte
image = (
    flyte.Image.from_debian_base(name="mine")
    .with_apt_packages("ffmpeg")
    .with_pip_packages("cowsay==6.1", index_url="https://one.example/simple", pre=True)
    .with_requirements("requirements.txt")
    .with_env_vars({"MODE": "fast"})
)
env = flyte.TaskEnvironment(name="e", image=image)

@env.task
async def t() -> int:
    return 1
"""


def test_a_sources_own_image_is_carried_the_same_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(staging.CACHE_VARIABLE, str(tmp_path / "cache"))
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "tasks.py").write_text(SOURCE)
    (folder / "requirements.txt").write_text("rich\n")
    source = load(folder, "tasks.py:t")
    description = source.description
    definition = parse(on_local(None, description))
    assert definition.steps == (
        ("pip", "install", "--index-url", "https://one.example/simple", "--prerelease", "allow", "cowsay==6.1"),
        ("pip", "install", "-r", "requirements-1.txt"),
    )
    assert definition.files["requirements-1.txt"].strip() == "rich"
    assert definition.variables == {"MODE": "fast"}
    assert definition.python == "", "the reading interpreter's version is no part of a definition"
    warnings = warnings_on_local(None, description)
    assert len(warnings) == 1
    assert "the system packages ffmpeg" in warnings[0]
    assert not source.missing.warnings([]), "an image's files are no part of the code"

    (folder / "requirements.txt").write_text("click\n")
    again = load(folder, "tasks.py:t").description
    assert parse(on_local(None, again)).files["requirements-1.txt"].strip() == "click"


def test_code_that_imports_what_only_the_image_has_is_told_where_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(staging.CACHE_VARIABLE, str(tmp_path / "cache"))
    (tmp_path / "app.py").write_text("import only_the_image_has_this\n")
    with pytest.raises(SourceError, match="or import it inside the functions that need it"):
        load(tmp_path)
