"""Translates the layers of Flyte's SDK into a definition. Pure: paths are relative to the uploaded context.

The commands are those of the SDK's Docker builder (flyte/_internal/imagebuild/docker_builder.py), without Docker.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import PurePosixPath

from flyteidl2.imagebuilder.definition_pb2 import ImageSpec, Layer, PipOptions

from flyte_local.images.definition import Definition, install, pip_options, variables, words

# Flyte's own images: ghcr.io/flyteorg/flyte:py3.11-v2.12.1
_FLYTE_IMAGE = re.compile(r"/flyte:py[\d.]+-v([0-9][\w.-]*)$")
# The working folder of Flyte's images, and the one that they had before.
_HOMES = ("/home/flyte", "/root")
_PIP_LAYERS = ("pip_packages", "requirements", "python_wheels")


def from_spec(spec: ImageSpec) -> Definition:
    """Return the definition of all layers. Layers that need a container are named in `skipped`."""
    base = _FLYTE_IMAGE.search(spec.base_image)
    steps: list[tuple[str, ...]] = []
    env: dict[str, str] = {}
    skipped: list[str] = []
    for layer in spec.layers:
        kind = layer.WhichOneof("layer")
        if kind in _PIP_LAYERS:
            steps.append(_pip(layer))
        elif kind == "uv_project":
            steps.append(_uv_project(layer))
        elif kind == "poetry_project":
            steps.append(_poetry_project(layer))
        elif kind == "env":
            env.update(variables(layer.env.env_variables))
        elif (phrase := _skipped(layer)) is not None:
            skipped.append(phrase)
    flyte = base[1].replace("-", "+") if base else ""
    copies, workdirs, missing = _copies(spec)
    return Definition(
        python=spec.python_version,
        flyte=flyte,
        steps=tuple(steps),
        variables=env,
        copies=copies,
        workdirs=workdirs,
        skipped=tuple(skipped),
        missing=missing,
    )


def _copies(spec: ImageSpec) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...], tuple[str, ...]]:
    """Return the files that go below the last working folder, how that is spelt, and the files that go elsewhere."""
    workdir = _HOMES[0]
    placed: list[tuple[str, str, str]] = []
    for layer in spec.layers:
        if layer.HasField("workdir"):
            workdir = _absolute(workdir, layer.workdir.workdir)
        elif layer.HasField("copy_config"):
            target = layer.copy_config.dst
            placed.append((layer.copy_config.src, _absolute(workdir, target), target))
    copies, missing = [], []
    for source, path, target in placed:
        below = posixpath.relpath(path, workdir)
        if below == ".." or below.startswith("../"):
            missing.append(f"the files that go to {target!r}")
        else:
            # As for COPY of a Dockerfile: a file goes into a folder that is named as one.
            folder = target.endswith(("/", "/.")) or target == "."
            copies.append((source, f"{below}/" if folder else below))
    workdirs = _HOMES if workdir in _HOMES else (workdir,)
    return tuple(copies), workdirs if copies else (), tuple(missing)


def _absolute(workdir: str, path: str) -> str:
    """Return a path of the container, with one spelling of its home."""
    absolute = posixpath.normpath(posixpath.join(workdir, path))
    for home in _HOMES[1:]:
        if absolute == home or absolute.startswith(f"{home}/"):
            return _HOMES[0] + absolute[len(home) :]
    return absolute


def _pip(layer: Layer) -> tuple[str, ...]:
    if layer.HasField("requirements"):
        return install(["-r", layer.requirements.file], _options(layer.requirements.options))
    if layer.HasField("python_wheels"):
        wheels = layer.python_wheels
        return install([wheels.package_name], ["--find-links", wheels.dir, *_options(wheels.options)])
    return install(layer.pip_packages.packages, _options(layer.pip_packages.options))


def _uv_project(layer: Layer) -> tuple[str, ...]:
    project = layer.uv_project
    folder = _folder(project.pyproject)
    # Other packages stay, because the environment has Flyte's SDK too.
    return ("sync", "--active", "--inexact", "--no-editable", "--project", folder, *_options(project.options))


def _poetry_project(layer: Layer) -> tuple[str, ...]:
    project = layer.poetry_project
    return ("tool", "run", "poetry", "install", *words(project.extra_args), "-C", _folder(project.pyproject))


def _folder(path: str) -> str:
    """Return a project's folder. The SDK names it by the folder or by its pyproject.toml."""
    project = PurePosixPath(path)
    return str(project.parent if project.name == "pyproject.toml" else project)


def _options(options: PipOptions) -> tuple[str, ...]:
    return pip_options(options.index_url, options.extra_index_urls, options.pre, options.extra_args)


def _skipped(layer: Layer) -> str | None:
    kind = layer.WhichOneof("layer")
    if kind == "apt_packages":
        return f"the system packages {', '.join(layer.apt_packages.packages)}"
    if kind == "commands":
        return f"the command {'; '.join(layer.commands.cmd)!r}"
    return None
