"""Explains a failed build, and says what to do, from the messages of pulumi-docker-build and BuildKit. Pure.

Their message names the step that failed, and keeps its output to itself: that goes to the progress lines of
`pulumi up`, which a terminal overwrites.
"""

from __future__ import annotations

import re

from pulumi_flyte.images.context import BuildContext

_NO_CONNECTION = re.compile(r"dial tcp|connection refused|no such host|i/o timeout|deadline exceeded|EOF")
_DENIED = re.compile(r"\b40[13]\b|unauthorized|authorization failed|insufficient_scope|access denied|denied:", re.I)
_NO_BUILDER = re.compile(r'no builder "([^"]+)" found')
_NO_DOCKER = re.compile(r"docker API|docker daemon|booting builder|creating builder|buildkit is not supported")
_BASE = re.compile(r"failed to resolve source metadata for (\S+?):? ")
_PUSH = re.compile(r"failed to push (\S+?):? ")
_STEP = re.compile(r'process "(?:/bin/sh -c )?(.*)" did not complete successfully: exit code: (\d+)', re.S)
_PLATFORM = re.compile(r"exec format error|no match for platform")
_CREDENTIALS = "`docker login {0}`, or the stack configuration flyte:registryUsername and flyte:registryPassword"


def explanation(error: str, context: BuildContext) -> str:
    """Return one sentence or two for a person: what failed, and the way out."""
    if match := _NO_BUILDER.search(error):
        name = match[1]
        return (
            f"this machine has no builder {name!r}, which flyte:builder names: `docker buildx ls` lists those that it"
            f" has, `docker buildx create --name {name}` makes one"
        )
    if _PLATFORM.search(error):
        platforms = ", ".join(context.platforms)
        return (
            f"the base image or the builder does not support {platforms}: change Image(platforms=[…]) or Image(base=…)"
        )
    if match := _BASE.search(error):
        return _of_base(match[1], error)
    if match := _PUSH.search(error):
        return _of_push(match[1], error)
    if match := _STEP.search(error):
        return _of_step(" ".join(match[1].split()), match[2], context)
    if _NO_DOCKER.search(error):
        return (
            "no Docker answers on this machine: start it, or name a builder that runs elsewhere with flyte:builder"
            " (docs/images.md)"
        )
    return "nothing was pushed, and the workloads of the image keep their former version"


def is_of_packages(error: str) -> bool:
    """Return whether the step that failed installs packages of Python."""
    match = _STEP.search(error)
    return match is not None and "/uv pip install " in match[1]


def _of_base(base: str, error: str) -> str:
    host = _host_of(base)
    if _NO_CONNECTION.search(error):
        return f"the builder cannot reach {host}, where the base image {base} is"
    if _DENIED.search(error):
        return f"{host} does not hand out the base image {base}: it may not exist, or needs {_CREDENTIALS.format(host)}"
    return f"there is no image {base} to start from: Image(base=…) or flyte:baseImage names another"


def _of_push(reference: str, error: str) -> str:
    host = _host_of(reference)
    if _NO_CONNECTION.search(error):
        return f"the image is built, and the builder cannot reach {host} to push it: is flyte:registry right?"
    if _DENIED.search(error):
        return f"the image is built, and {host} refuses to store it: it needs {_CREDENTIALS.format(host)}"
    return f"the image is built, and {host} does not accept it"


def _of_step(command: str, code: str, context: BuildContext) -> str:
    step = command if len(command) <= 200 else f"{command[:199]}…"
    packages = [] if " --requirement " not in command else list(_requirements(context))
    about = f" It installs {', '.join(packages[:12])}{', …' if len(packages) > 12 else ''}." if packages else ""
    return (
        f"the step `{step}` ended with exit code {code}.{about} Its output is among the lines above with"
        " `pulumi up --non-interactive`, and in `docker buildx history logs`"
    )


def _requirements(context: BuildContext) -> list[str]:
    files = (file for path, file in sorted(context.files.items()) if path.endswith("/requirements.txt"))
    return [line for file in files for line in file.content.decode(errors="replace").splitlines()]


def _host_of(reference: str) -> str:
    first = reference.partition("/")[0]
    is_host = "/" in reference and ("." in first or ":" in first or first == "localhost")
    return first if is_host else "docker.io"
