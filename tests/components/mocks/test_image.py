"""The image of a workload is that of the argument, the source, the environment or the platform."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pulumi
import pytest
from pulumi_flyte import App, Environment, Image, Secret, Task
from pulumi_flyte.testing import UNKNOWN, SecretValue

from tests.components.mocks.registrations import FLYTE, check_problems, problems_of, run

CONTAINER: dict[str, Any] = {"command": ["go"], "interface": {"inputs": {}}}


def images_of(image: Any, config: Mapping[str, str]) -> set[Any]:
    def declare() -> None:
        environment = Environment("env")
        App("web", environment=environment, image=image, command=["go"])
        Task("job", environment=environment, image=image, **CONTAINER)

    program = run(declare, config)
    return {program[name].inputs["image"] for name in ("api:App web", "api:Task job")}


@pytest.mark.parametrize("config", [{}, FLYTE], ids=["local", "flyte"])
def test_a_uri_is_handed_on(config: Mapping[str, str]) -> None:
    assert images_of("web:1", config) == {"web:1"}


@pytest.mark.parametrize(
    "definition",
    [
        Image(python="3.12", packages=["httpx>=0.27", "pandas"]),
        {"python": "3.12", "packages": ["httpx>=0.27", "pandas"]},
    ],
)
def test_on_local_an_image_is_a_definition_of_itself(definition: Any) -> None:
    (image,) = images_of(definition, {})
    assert image.startswith("local/python {")
    assert '"python": "3.12"' in image
    assert "httpx>=0.27" in image


def test_on_flyte_an_image_needs_a_registry() -> None:
    problems = problems_of(
        lambda: App("web", environment=Environment("env"), image=Image(packages=["httpx"]), command=["go"]), FLYTE
    )
    check_problems(problems, {"image": "there is no registry to push it to: pulumi config set flyte:registry"})


def test_an_image_that_is_known_later_leaves_names_and_urls_known() -> None:
    def declare() -> Mapping[str, pulumi.Input[Any]]:
        environment = Environment("env")
        later = Secret("key", environment=environment, value="v").version
        web = App("web", environment=environment, image=later, command=["go"])
        return {"endpoint": web.endpoint, "version": web.version}

    outputs = run(declare, preview=True).outputs
    assert outputs == {"endpoint": "http://127.0.0.1:8480/apps/shop/development/web", "version": UNKNOWN}


def test_the_component_has_an_image_as_a_mapping() -> None:
    def declare() -> None:
        App("web", environment=Environment("env"), image=Image(packages=["httpx"]), command=["go"])

    assert run(declare)["index:App web"].inputs["image"] == {"packages": ["httpx"]}


@pytest.mark.parametrize(
    ("config", "image", "warning"),
    [
        ({}, "web:1", "image 'web:1' is not pulled on `local`"),
        ({}, Image(packages=["httpx"], apt=["ffmpeg"]), "the system packages ffmpeg: not carried out on `local`"),
        ({}, Image(dockerfile="Dockerfile"), "the Dockerfile 'Dockerfile': not carried out on `local`"),
    ],
)
def test_what_local_does_not_carry_out_is_a_warning(config: Mapping[str, str], image: Any, warning: str) -> None:
    program = run(lambda: App("web", environment=Environment("env"), image=image, command=["go"]), config)
    assert [text for text in program.warnings if warning in text], program.warnings


def test_an_image_says_something() -> None:
    problems = problems_of(lambda: App("web", environment=Environment("env"), image=Image(), command=["go"]))
    check_problems(problems, {"image": "an Image must not be empty"})


PROBLEMS: list[tuple[Any, Mapping[str, str]]] = [
    (3, {"image": "the URI of an image, or Image(packages="}),
    (["x"], {"image": "the URI of an image, or Image(packages="}),
    ("web 1", {"image": "the URI of an image, or Image(packages="}),
    ("https://ghcr.io/acme/web:1", {"image": "(got 'https://ghcr.io/acme/web:1')"}),
    (Image(python="latest"), {"image.python": 'a version of Python such as "3.12"'}),
    (Image(packages="httpx"), {"image.packages": "a list such as"}),
    (Image(packages=["httpx", 3]), {"image.packages.1": "the name of a package"}),  # type: ignore[list-item]
    (Image(packages=["https://me:secret@host/x.whl"]), {"image.packages.0": ""}),
    (Image(apt="ffmpeg"), {"image.apt": "a list such as"}),
    (Image(requirements=""), {"image.requirements": "the path of a file"}),
    (Image(requirements="missing.txt"), {"image.requirements": "cannot be read"}),
    (Image(dockerfile="Dockerfile", packages=["httpx"]), {"image.dockerfile": "leave out packages="}),
    ({"package": ["x"], "python": "3.12"}, {"image.package": "did you mean 'packages'?"}),
]


@pytest.mark.parametrize(("image", "expected"), PROBLEMS)
@pytest.mark.parametrize("component", ["app", "task"])
def test_every_problem_is_reported_under_its_argument(image: Any, expected: Mapping[str, str], component: str) -> None:
    def declare() -> None:
        environment = Environment("env")
        if component == "app":
            App("web", environment=environment, image=image, command=["go"])
        else:
            Task("job", environment=environment, image=image, **CONTAINER)

    check_problems(problems_of(declare), expected)


REGISTRY = {**FLYTE, "flyte:registry": "ghcr.io/acme", "flyte:builder": "remote"}


@pytest.fixture
def program_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_on_flyte_an_image_is_built_and_its_workload_waits_for_it(program_folder: Path) -> None:
    def declare() -> None:
        environment = Environment("env")
        App("web", environment=environment, image=Image(packages=["httpx"], apt=["git"]), command=["go"])

    program = run(declare, REGISTRY)
    image, app = program["docker-build:index:Image web-image"], program["api:App web"]
    assert image.parent == "index:App web"
    assert image.inputs["tags"] == [app.inputs["image"]]
    assert app.inputs["image"].startswith("ghcr.io/acme/shop-web:")
    assert "docker-build:index:Image web-image" in program.awaited_by("api:App web")
    assert (image.inputs["push"], image.inputs["buildOnPreview"]) == (True, False)
    assert image.inputs["builder"] == {"name": "remote"}
    assert image.inputs["platforms"] == ["linux/amd64"]
    context = PurePosixPath(image.inputs["context"]["location"])
    assert not context.is_absolute()
    # By which BuildKit tells contexts apart, whose files are of one time, and some of one size.
    assert image.inputs["tags"] == [f"ghcr.io/acme/shop-web:{context.name}"]
    assert (
        "apt-get install --yes --no-install-recommends git"
        in (program_folder / image.inputs["dockerfile"]["location"]).read_text()
    )
    requirements = (program_folder / context / ".pulumi-flyte/1/requirements.txt").read_text().splitlines()
    assert requirements[0] == "httpx"
    assert any(line.startswith("flyte==") for line in requirements)


def test_on_flyte_the_image_of_an_environment_is_built_once(program_folder: Path) -> None:
    def declare() -> None:
        environment = Environment("env", image=Image(packages=["httpx"]))
        App("web", environment=environment, command=["go"])
        App("other", environment=environment, command=["go"])
        App("apart", environment=environment, image="apart:1", command=["go"])

    program = run(declare, REGISTRY, preview=True)
    (image,) = [each for each in program.resources if each.type == "docker-build:index:Image"]
    assert (image.name, image.parent) == ("env-image", "index:Environment env")
    assert [program[f"api:App {name}"].inputs["image"] for name in ("web", "other")] == 2 * image.inputs["tags"]
    assert str(image) in program.awaited_by("api:App web")
    assert str(image) not in program.awaited_by("api:App apart")


def test_on_flyte_what_is_wrong_with_the_image_of_an_environment_is_said_once() -> None:
    problems = problems_of(lambda: Environment("env", image=Image(requirements="nothing.txt")), REGISTRY)
    check_problems(problems, {"image.requirements": "No such file"})


def test_on_flyte_a_registrys_password_is_a_secret_of_the_build(program_folder: Path) -> None:
    def declare() -> None:
        App("web", environment=Environment("env"), image=Image(packages=["httpx"]), command=["go"])

    config = {**REGISTRY, "flyte:registryUsername": "me", "flyte:registryPassword": "hunter2"}
    registries = run(declare, config)["docker-build:index:Image web-image"].inputs["registries"]
    assert registries == SecretValue([{"address": "ghcr.io", "username": "me", "password": "hunter2"}])


def built() -> None:
    App("web", environment=Environment("env"), image=Image(packages=["httpx"]), command=["go"])


CREDENTIALS = {"flyte:registryUsername": "me", "flyte:registryPassword": "hunter2"}


def test_a_registry_that_only_the_program_names_gets_no_password(program_folder: Path) -> None:
    def declare() -> None:
        where = Environment("env", registry="other.example/acme")
        App("web", environment=where, image=Image(packages=["httpx"]), command=["go"])

    image = run(declare, {**REGISTRY, **CREDENTIALS})["docker-build:index:Image web-image"]
    assert "registries" not in image.inputs
    assert "hunter2" not in image.in_clear
    # Another path of the same host is the same registry.
    image = run(declare, {**REGISTRY, **CREDENTIALS, "flyte:registry": "other.example"})[str(image)]
    assert "registries" in image.inputs
    config = {key: value for key, value in {**REGISTRY, **CREDENTIALS}.items() if key != "flyte:registry"}
    check_problems(problems_of(declare, config), {"flyte:registryPassword": "pulumi config set flyte:registry other"})


@pytest.mark.parametrize("name", sorted(CREDENTIALS))
def test_half_of_a_credential_is_a_problem_without_its_value(name: str, program_folder: Path) -> None:
    (problem,) = problems_of(built, {**REGISTRY, name: CREDENTIALS[name]})
    assert problem.startswith(f"{name}: ")
    assert "hunter2" not in problem


def test_on_flyte_a_build_secret_is_a_variable_of_steps_and_in_no_file(program_folder: Path) -> None:
    def declare() -> None:
        App("web", environment=Environment("env"), image=Image(packages=["httpx"]), command=["go"])

    config = {**REGISTRY, "flyte:buildSecrets": '{"UV_DEFAULT_INDEX": "https://me:hunter2@index.example"}'}
    image = run(declare, config)["docker-build:index:Image web-image"]
    assert image.inputs["secrets"] == SecretValue({"UV_DEFAULT_INDEX": "https://me:hunter2@index.example"})
    assert image.inputs["ignoreSecretsInDiffCalculation"] == ["UV_DEFAULT_INDEX"]
    staged = [path.read_text() for path in (program_folder / ".pulumi-flyte").rglob("*") if path.is_file()]
    assert any("--mount=type=secret,id=UV_DEFAULT_INDEX,env=UV_DEFAULT_INDEX" in text for text in staged)
    assert not [text for text in staged if "hunter2" in text]


@pytest.mark.parametrize("text", ["plain", '["list"]', '{"a": 1}', '{"a b": "x"}'])
def test_build_secrets_that_are_none_are_a_problem(text: str) -> None:
    problems = problems_of(
        lambda: App("web", environment=Environment("env"), image=Image(packages=["httpx"]), command=["go"]),
        {**REGISTRY, "flyte:buildSecrets": text},
    )
    check_problems(problems, {"flyte:buildSecrets": "a"})


def test_on_kubernetes_an_image_below_code_is_a_plain_string(program_folder: Path) -> None:
    (program_folder / "web.py").write_text("async def app(scope, receive, send):\n    pass\n")

    def declare() -> None:
        App("web", environment=Environment("env"), source="web.py:app", image=pulumi.Output.from_input("x:1"))

    problems = problems_of(declare, {"flyte:platform": "kubernetes", "flyte:registry": "ghcr.io/acme"})
    check_problems(problems, {"image": "its URI has to be a plain string"})


def test_where_no_image_is_built_its_packages_are_not_imported() -> None:
    code = "import sys, pulumi_flyte.platforms.local, pulumi_flyte.platforms.flyte\n"
    code += "print([m for m in sys.modules if m.startswith(('pulumi_docker', 'pulumi_kube', 'pulumi_flyte.images'))])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
