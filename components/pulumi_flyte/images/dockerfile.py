"""The Dockerfile of a recipe. Pure.

It needs no frontend from a registry (`# syntax=`) and no image but the base, so a build needs the base's registry and
the package indexes only.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping

from pulumi_flyte.images.context import BuildContext, ContextFile
from pulumi_flyte.images.recipe import (
    USER,
    Command,
    LockedPackages,
    PythonPackages,
    Recipe,
    Step,
    SystemPackages,
    Variables,
    WorkingFolder,
)

UV_VERSION = "0.13.8"
ENVIRONMENT = "/opt/venv"
_UV = "/opt/uv"
_MOUNT = "/opt/packages"
# The folder for the files that we add to a context. The other files may belong to a user's own Dockerfile.
_PLACE = ".pulumi-flyte"
_CACHE = "--mount=type=cache,id=pulumi-flyte-uv,target=/root/.cache/uv"
# uv comes by a mount, so it is in no layer.
_UV_MOUNT = f"--mount=type=bind,from=uv,source={_UV},target={_UV}"
# A file's time in a layer differs from build to build, so bytecode may not depend on it.
_OPTIONS = {
    "UV_CACHE_DIR": "/root/.cache/uv",
    "UV_LINK_MODE": "copy",
    "UV_COMPILE_BYTECODE": "1",
    "PYC_INVALIDATION_MODE": "UNCHECKED_HASH",
    "UV_PYTHON_INSTALL_DIR": "/opt/python",
}


def context_of(recipe: Recipe, platforms: Iterable[str] = ()) -> BuildContext:
    """Return the Dockerfile of a recipe, with the files that it copies."""
    files: dict[str, ContextFile] = {}
    mounts = _mounts(recipe.secrets)
    lines = [*_base(recipe, mounts)]
    for number, step in enumerate(recipe.steps):
        lines += _step(number, step, mounts, files)
    lines += _code(recipe, files)
    return BuildContext("\n".join(lines) + "\n", files, tuple(sorted(set(platforms))))


def context_around(
    dockerfile: str, context: Mapping[str, ContextFile], recipe: Recipe, platforms: Iterable[str] = ()
) -> BuildContext:
    """Return a user's own Dockerfile with the recipe's code on top. The recipe's base and steps have no part in it."""
    files = dict(context)
    lines = _code(recipe, files)
    text = dockerfile if not lines else "\n".join([dockerfile.rstrip("\n"), *lines]) + "\n"
    return BuildContext(text, files, tuple(sorted(set(platforms))))


def _mounts(secrets: Iterable[str]) -> str:
    """Return the mounts of a step that talks to a package index: its secrets, and the packages of earlier builds."""
    return " ".join([*(f"--mount=type=secret,id={name},env={name}" for name in sorted(secrets)), _CACHE])


def _base(recipe: Recipe, mounts: str) -> Iterator[str]:
    if recipe.installs_python_packages:
        yield f"FROM {recipe.base} AS uv"
        yield "USER 0"
        yield (
            f"RUN {mounts} \\\n    python3 -m venv {_UV} && {_UV}/bin/python -m pip install --quiet --no-cache-dir"
            f" --disable-pip-version-check uv=={UV_VERSION}"
        )
        yield ""
    yield f"FROM {recipe.base}"
    if recipe.steps or recipe.python or recipe.writable_home:
        yield "USER 0"
    if recipe.installs_python_packages:
        python, replace = (recipe.python, " --clear") if recipe.python else ("python3", "")
        yield f"ENV VIRTUAL_ENV={ENVIRONMENT} PATH={ENVIRONMENT}/bin:$PATH PYTHONUNBUFFERED=1"
        # Arguments are variables of the build alone.
        yield from (f"ARG {name}={value}" for name, value in _OPTIONS.items())
        # What the base has installed stays importable. A base that is made for Flyte has this environment already.
        yield (
            f"RUN {_UV_MOUNT} {mounts} \\\n    {_has_environment(recipe.python)}"
            f" || {_UV}/bin/uv venv --quiet{replace} --system-site-packages --python {python} {ENVIRONMENT}"
        )


def _has_environment(python: str | None) -> str:
    """Return a command that succeeds if the base has an environment, and one of this version of Python."""
    if python is None:
        return f"test -x {ENVIRONMENT}/bin/python"
    code = f'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "{python}")'
    return f"{ENVIRONMENT}/bin/python -c {shlex.quote(code)}"


def _step(number: int, step: Step, mounts: str, files: dict[str, ContextFile]) -> Iterator[str]:
    if isinstance(step, SystemPackages):
        names = " ".join(map(shlex.quote, sorted(set(step.names))))
        yield (
            f"RUN apt-get update && apt-get install --yes --no-install-recommends {names}"
            " && rm -rf /var/lib/apt/lists/*"
        )
    elif isinstance(step, PythonPackages):
        yield _install(number, step, mounts, files)
    elif isinstance(step, LockedPackages):
        yield _sync(number, step, mounts, files)
    elif isinstance(step, Variables):
        yield from (f"ENV {name}={_quoted(value)}" for name, value in step.values)
    elif isinstance(step, Command):
        yield f"RUN {step.text}"
    elif isinstance(step, WorkingFolder):
        yield f"WORKDIR {step.path}"
    else:
        yield _copy(f"{number}", step.content, step.folder, files)


def _install(number: int, step: PythonPackages, mounts: str, files: dict[str, ContextFile]) -> str:
    """Install what a requirements file says. The file is mounted, so it is in no layer, and no shell reads it."""
    options = list(step.options)
    for option, name, lines in (
        ("--requirement", "requirements.txt", step.requirements),
        ("--constraint", "constraints.txt", step.constraints),
    ):
        if lines:
            path = f"{_PLACE}/{number}/{name}"
            files[path] = ContextFile("".join(f"{line}\n" for line in lines).encode())
            options.append(f"{option} {_MOUNT}/{name}")
    return _uv(f"pip install {' '.join(options)}", number, mounts)


def _sync(number: int, step: LockedPackages, mounts: str, files: dict[str, ContextFile]) -> str:
    folder = f"{_PLACE}/{number}"
    files[f"{folder}/pyproject.toml"] = ContextFile(step.project)
    files[f"{folder}/uv.lock"] = ContextFile(step.lock)
    return _uv(f"sync --active --inexact --frozen --no-dev --no-install-workspace --project {_MOUNT}", number, mounts)


def _uv(arguments: str, number: int, mounts: str) -> str:
    """Return a step that runs uv, with the step's files of the context mounted."""
    bind = f"--mount=type=bind,source={_PLACE}/{number},target={_MOUNT}"
    return f"RUN {_UV_MOUNT} {bind} {mounts} \\\n    {_UV}/bin/uv {arguments}"


def _code(recipe: Recipe, files: dict[str, ContextFile]) -> list[str]:
    lines: list[str] = []
    home = recipe.home
    if recipe.writable_home:
        lines += [f"RUN install -d -o {USER} -g {USER} {home}"]
    if recipe.library or recipe.code or recipe.writable_home:
        # A container's root may be read-only, and its user has no entry in /etc/passwd.
        lines += [f"WORKDIR {home}", f"ENV HOME=/tmp USER=app PYTHONPATH={home}"]
    for name, content in (("library", recipe.library), ("code", recipe.code)):
        if content:
            lines.append(_copy(name, content, home, files))
    if recipe.steps or recipe.writable_home:
        lines.append(f"USER {USER}:{USER}")
    return lines


def _copy(name: str, content: Mapping[str, bytes], folder: str, files: dict[str, ContextFile]) -> str:
    for path, data in content.items():
        files[f"{_PLACE}/{name}/{path}"] = ContextFile(data, executable=data.startswith(b"#!"))
    return f"COPY {json.dumps([f'{_PLACE}/{name}/', folder.rstrip('/') + '/'])}"


def _quoted(value: str) -> str:
    """Quote a value for ENV, which replaces variables (`$`) and escapes in double quotes."""
    return '"' + re.sub(r'(["\\$])', r"\\\1", value) + '"'
