"""The layers of an image become commands for uv."""

from __future__ import annotations

import pytest
from flyte_local.errors import ImageError
from flyte_local.images.definition import Definition, parse
from flyte_local.images.layers import from_spec
from flyte_local.processes.environment import with_image
from flyteidl2.core.security_pb2 import Secret
from flyteidl2.imagebuilder import definition_pb2 as pb

PLAIN = pb.PipOptions()
PRIVATE = pb.PipOptions(
    index_url="https://one.example/simple",
    extra_index_urls=["https://two.example/simple"],
    pre=True,
    extra_args="--no-deps --config-settings 'a b'",
)
OPTIONS = (
    "--index-url", "https://one.example/simple", "--extra-index-url", "https://two.example/simple",
    "--prerelease", "allow", "--no-deps", "--config-settings", "a b",
)  # fmt: skip


@pytest.mark.parametrize(
    ("layer", "step"),
    [
        (
            pb.Layer(pip_packages=pb.PipPackages(packages=["cowsay==6.1", "httpx[http2]>=0.27"], options=PLAIN)),
            ("pip", "install", "cowsay==6.1", "httpx[http2]>=0.27"),
        ),
        (
            pb.Layer(pip_packages=pb.PipPackages(packages=["cowsay"], options=PRIVATE)),
            ("pip", "install", *OPTIONS, "cowsay"),
        ),
        (
            pb.Layer(requirements=pb.Requirements(file="x/requirements.txt", options=PRIVATE)),
            ("pip", "install", *OPTIONS, "-r", "x/requirements.txt"),
        ),
        (
            pb.Layer(python_wheels=pb.PythonWheels(dir="dist", package_name="mine", options=PLAIN)),
            ("pip", "install", "--find-links", "dist", "mine"),
        ),
        (
            pb.Layer(
                uv_project=pb.UVProject(
                    pyproject="x/project",
                    uvlock="x/project/uv.lock",
                    options=pb.PipOptions(extra_args="--no-install-project"),
                )
            ),
            ("sync", "--active", "--inexact", "--no-editable", "--project", "x/project", "--no-install-project"),
        ),
        (
            pb.Layer(
                poetry_project=pb.PoetryProject(
                    pyproject="x/pyproject.toml", poetry_lock="x/poetry.lock", extra_args=" --no-root"
                )
            ),
            ("tool", "run", "poetry", "install", "--no-root", "-C", "x"),
        ),
    ],
)
def test_a_layer_becomes_one_command_of_uv(layer: pb.Layer, step: tuple[str, ...]) -> None:
    assert from_spec(pb.ImageSpec(python_version="3.12", layers=[layer])) == Definition("3.12", steps=(step,))


def test_layers_keep_their_order_and_variables_are_collected() -> None:
    spec = pb.ImageSpec(
        layers=[
            pb.Layer(pip_packages=pb.PipPackages(packages=["first"])),
            pb.Layer(env=pb.Env(env_variables={"A": "1", "B": "2"})),
            pb.Layer(pip_packages=pb.PipPackages(packages=["second"])),
            pb.Layer(env=pb.Env(env_variables={"B": "3"})),
        ]
    )
    definition = from_spec(spec)
    assert [step[-1] for step in definition.steps] == ["first", "second"]
    assert definition.variables == {"A": "1", "B": "3"}


def test_folders_of_flytes_own_container_are_no_variables() -> None:
    base = {"VIRTUAL_ENV": "/opt/venv", "PATH": "/opt/venv/bin:$PATH", "PYTHONPATH": "/root", "UV_LINK_MODE": "copy"}
    added = {"PATH": "/root/.cargo/bin:${PATH}", "PYTHONPATH": "/app"}
    layers = [pb.Layer(env=pb.Env(env_variables=variables)) for variables in (base, added)]
    assert from_spec(pb.ImageSpec(layers=layers)).variables == {"UV_LINK_MODE": "copy", **added}
    assert parse('local/python {"env": {"VIRTUAL_ENV": "/opt/venv", "MODE": "fast"}}').variables == {"MODE": "fast"}


def test_a_variable_of_an_image_extends_what_it_had() -> None:
    before = {"PATH": "/usr/bin", "HOME": "/h"}
    image = {"PATH": "/cargo/bin:${PATH}", "TOOLS": "$HOME/tools:$NOTHING", "PRICE": "5$"}
    assert with_image(before, image) == {
        "PATH": "/cargo/bin:/usr/bin", "HOME": "/h", "TOOLS": "/h/tools:", "PRICE": "5$"
    }  # fmt: skip


def test_what_needs_a_container_is_named_and_left_out() -> None:
    spec = pb.ImageSpec(
        layers=[
            pb.Layer(apt_packages=pb.AptPackages(packages=["ffmpeg", "git"], secret_mounts=[Secret(key="k")])),
            pb.Layer(commands=pb.Commands(cmd=["make install"])),
        ]
    )
    definition = from_spec(spec)
    assert definition.steps == ()
    assert [phrase.split(" ", 2)[2] for phrase in definition.skipped] == ["packages ffmpeg, git", "'make install'"]


def copied(source: str, target: str) -> pb.Layer:
    return pb.Layer(copy_config=pb.CopyConfig(src=source, dst=target))


@pytest.mark.parametrize(
    ("workdir", "target", "place"),
    [
        ("", ".", "./"), ("", "./src", "src"), ("", "data/", "data/"), ("", "/root/x", "x"), ("", "/home/flyte", "."),
        ("/app", ".", "./"), ("/app", "/app/x.json", "x.json"), ("/app/", "src", "src"), ("app", "/root/app/y", "y"),
    ],
)  # fmt: skip
def test_files_go_below_the_working_folder(workdir: str, target: str, place: str) -> None:
    layers = [pb.Layer(workdir=pb.WorkDir(workdir=workdir))] if workdir else []
    definition = from_spec(pb.ImageSpec(layers=[*layers, copied("a", target)]))
    assert (definition.copies, definition.missing) == ((("a", place),), ())


@pytest.mark.parametrize("target", ["/opt/a", "/etc/x.json", "..", "/rooted/x", "/home/flyte2/x"])
def test_files_that_go_elsewhere_are_missing(target: str) -> None:
    definition = from_spec(pb.ImageSpec(layers=[copied("a", target), copied("b", ".")]))
    assert (definition.copies, definition.missing) == ((("b", "./"),), (f"the files that go to {target!r}",))


def test_the_last_working_folder_counts() -> None:
    definition = from_spec(pb.ImageSpec(layers=[copied("a", "."), pb.Layer(workdir=pb.WorkDir(workdir="/srv"))]))
    assert definition.missing == ("the files that go to '.'",)


@pytest.mark.parametrize(
    ("base", "version"),
    [
        ("ghcr.io/flyteorg/flyte:py3.11-v2.12.1", "2.12.1"),
        ("ghcr.io/flyteorg/flyte:py3.12-v2.13.0b1", "2.13.0b1"),
        ("python:3.11-slim-bookworm", ""),
        ("", ""),
    ],
)
def test_the_base_image_says_which_sdk_it_has(base: str, version: str) -> None:
    assert from_spec(pb.ImageSpec(base_image=base)).flyte == version


def test_a_string_describes_an_image() -> None:
    text = (
        'local/python {"python": "3.12", "env": {"MODE": "fast"}, "layers": [{"packages": ["cowsay"], '
        '"index_url": "https://one.example/simple"}, {"requirements": "httpx\\nrich"}, {"packages": []}]}'
    )
    assert parse(text) == Definition(
        python="3.12",
        steps=(
            ("pip", "install", "--index-url", "https://one.example/simple", "cowsay"),
            ("pip", "install", "-r", "requirements-1.txt"),
        ),
        files={"requirements-1.txt": "httpx\nrich"},
        variables={"MODE": "fast"},
    )


@pytest.mark.parametrize(
    "text",
    [
        "local/python cowsay",
        "local/python []",
        'local/python {"layers": {}}',
        'local/python {"layers": ["cowsay"]}',
        'local/python {"layers": [{"packages": "cowsay"}]}',
        'local/python {"layers": [{"conda": []}]}',
        'local/python {"apt": []}',
        'local/python {"env": []}',
    ],
)
def test_a_string_that_is_no_definition_is_refused_with_what_is_wrong(text: str) -> None:
    with pytest.raises(ImageError) as raised:
        parse(text)
    assert text in str(raised.value)


def test_extra_arguments_that_cannot_be_read_are_named() -> None:
    with pytest.raises(ImageError, match="No closing quotation"):
        parse('local/python {"layers": [{"packages": ["cowsay"], "extra_args": "--find-links \'x"}]}')
