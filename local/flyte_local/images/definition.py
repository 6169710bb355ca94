"""The definition of an image, as far as a process can have it: a Python, packages, variables. Pure.

A definition comes from the layers of Flyte's SDK (layers.py), or from a self-describing image string:

    local/python {"python": "3.12", "layers": [{"packages": ["cowsay"]}], "env": {"MODE": "fast"}}

A layer has `packages` or `requirements` (the text of a requirements file), and `index_url`, `extra_index_urls`, `pre`
and `extra_args` as Flyte's pip layers have them. Without `python`, the workload keeps the Python that it has without an
image. The string is complete: nothing else defines the image.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ValidationError

from flyte_local.errors import ImageError
from flyte_local.secrets.redaction import mask_urls

PREFIX = "local/python "
WAY_OUT = "install it on this machine, or run this on a Flyte that runs containers"
# Variables about folders of the container (from_debian_base and from_uv_script in flyte/_image.py).
_OF_A_CONTAINER = {"VIRTUAL_ENV": "/opt/venv", "PATH": "/opt/venv/bin:$PATH", "PYTHONPATH": "/root"}


@dataclass(frozen=True)
class Definition:
    """`steps` are argument lists of uv, run in order in a folder that has `files` (path to text).

    python: "3.12", or empty for the workload's own. flyte: the version of Flyte's SDK in the base image, or empty.
    copies: files of the uploaded context and where they go, below the working folder. workdirs: how the container
    spells its working folder. skipped: what a process does without, each as a phrase for a person. missing: what it
    cannot do without; such an image is not built.
    """

    python: str = ""
    flyte: str = ""
    steps: tuple[tuple[str, ...], ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    copies: tuple[tuple[str, str], ...] = ()
    workdirs: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class _Layer(BaseModel, extra="forbid"):
    packages: list[str] = []
    requirements: str | None = None
    index_url: str = ""
    extra_index_urls: list[str] = []
    pre: bool = False
    extra_args: str = ""


class _Description(BaseModel, extra="forbid"):
    python: str = ""
    layers: list[_Layer] = []
    env: dict[str, str] = {}


def is_definition(image: str) -> bool:
    """Return whether an image string describes itself."""
    return image.startswith(PREFIX)


def parse(image: str) -> Definition:
    """Return the definition in a self-describing image string. Raises ImageError with the first mistake."""
    try:
        description = _Description.model_validate_json(image.removeprefix(PREFIX))
    except ValidationError as error:
        raise ImageError(f"the image {mask_urls(image)!r} {_problem(error)}") from None
    steps: list[tuple[str, ...]] = []
    files: dict[str, str] = {}
    for number, layer in enumerate(description.layers):
        options = pip_options(layer.index_url, layer.extra_index_urls, layer.pre, layer.extra_args)
        if layer.requirements is not None:
            name = f"requirements-{number}.txt"
            files[name] = layer.requirements
            steps.append(install(["-r", name], options))
        elif layer.packages:
            steps.append(install(layer.packages, options))
    return Definition(description.python, "", tuple(steps), files, variables(description.env))


def variables(declared: Mapping[str, str]) -> dict[str, str]:
    """Return an image's variables without those that only mean something in its container."""
    return {name: value for name, value in declared.items() if _OF_A_CONTAINER.get(name) != value}


def install(what: Sequence[str], options: Sequence[str]) -> tuple[str, ...]:
    """Return uv's arguments that install into the active environment."""
    return ("pip", "install", *options, *what)


def pip_options(index_url: str, extra_index_urls: Sequence[str], pre: bool, extra_args: str) -> tuple[str, ...]:
    """Return Flyte's options of a pip layer as uv's."""
    options = ["--index-url", index_url] if index_url else []
    for url in extra_index_urls:
        options += ["--extra-index-url", url]
    if pre:
        options += ["--prerelease", "allow"]
    return (*options, *words(extra_args))


def words(text: str) -> list[str]:
    """Return the words of a command line. Raises ImageError if a quotation does not end."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ImageError(f"the image's extra arguments {mask_urls(text)!r} cannot be read: {error}") from None


def _problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        return f"has the unknown key {place!r}: this server is older than its client"
    reason = f"{place}: {first['msg']}" if place else first["msg"]
    return f"is not {PREFIX.strip()} followed by a JSON object that describes it: {reason}"
