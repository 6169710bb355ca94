"""`Image`: what a workload needs besides Flyte, instead of the URI of a built image. Pure but for reading the
requirements file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from pulumi_flyte.problems import Problems, nearest
from pulumi_flyte.source.description import SourceImage

# The embedded control plane's form of an image that describes itself (flyte_local/images/definition.py).
LOCAL_PYTHON = "local/python"
_VERSION = re.compile(r"3\.\d{1,2}")
# A requirement of PEP 508, roughly: what is worse is uv's to say.
_REQUIREMENT = re.compile(r"[A-Za-z0-9][\w.-]*\s*(\[[^]]*])?\s*([<>=!~;@(].*)?")
_CREDENTIALS = re.compile(r"://[^/\s@]+@")
_OTHER_FILES = ("-r", "-c", "-e", "--requirement", "--constraint", "--editable", ".", "/")


@dataclass(frozen=True)
class Image:
    """What a workload needs besides Flyte's SDK and the runtime library, which every image has.

    On `local` its packages become an environment of their own, built by uv once for each distinct definition. The code
    is read in the program's environment: import what only the image has inside functions.

    python: such as "3.12"; by default the interpreter that the workload would have without an image.
    packages: requirements such as "httpx>=0.27". requirements: a requirements file, relative to the program's folder.
    apt: system packages. dockerfile: a Dockerfile, instead of everything else. Both need a container.
    """

    python: str | None = None
    packages: Sequence[str] = ()
    requirements: str | None = None
    apt: Sequence[str] = ()
    dockerfile: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The form that crosses the engine, without what is unset."""
        return {key: value for key, value in asdict(self).items() if value is not None and value != ()}

    @property
    def skipped(self) -> list[str]:
        """What needs a container, each as a phrase for a person."""
        found = [f"the Dockerfile {self.dockerfile!r}"] if self.dockerfile else []
        return [*found, f"the system packages {', '.join(self.apt)}"] if self.apt else found


def chosen(given: Any, own: SourceImage | None, default: Any) -> Any:
    """The argument; else nothing where the source has an image of its own; else the environment's."""
    if given is not None:
        return given
    return default if own is None else None


def image_of(given: Any, path: str, problems: Problems) -> Any:
    """An `image` argument: an Image from a mapping, everything else (a URI, an Output of one) as it is."""
    if not isinstance(given, Mapping):
        if isinstance(given, (bool, int, float, Sequence)) and not isinstance(given, str):
            problems.add(path, 'the URI of an image, or Image(packages=["httpx>=0.27"])', given)
        return given
    known = {item.name for item in fields(Image)}
    for key in given:
        if key not in known:
            problems.add(f"{path}.{key}", f"unknown setting{nearest(str(key), known)}")
    image = Image(**{key: value for key, value in given.items() if key in known})
    before = len(problems.found)
    _check(image, path, problems)
    # What is wrong in itself is reported, and then left alone.
    return image if len(problems.found) == before else None


def described(image: Image, folder: Path, path: str, problems: Problems) -> str:
    """The image as a string that says all there is to it. `folder` is the program's."""
    layers: list[dict[str, Any]] = []
    if image.packages:
        layers.append({"packages": list(image.packages)})
    if image.requirements:
        text = _requirements(folder / image.requirements, f"{path}.requirements", problems)
        layers.append({"requirements": text})
    return definition({"python": image.python, "layers": layers})


def definition(content: Mapping[str, Any]) -> str:
    """The self-describing string; `local/python` alone where it says nothing."""
    said = {key: value for key, value in content.items() if value}
    return f"{LOCAL_PYTHON} {json.dumps(said, sort_keys=True, ensure_ascii=False)}" if said else LOCAL_PYTHON


def is_definition(image: str) -> bool:
    """Whether an image string describes itself: only the embedded control plane takes those."""
    return image.startswith(f"{LOCAL_PYTHON} ")


def _check(image: Image, path: str, problems: Problems) -> None:
    given = image.as_dict()
    if not given:
        problems.add(path, "an Image says something: give it packages=, requirements=, python=, apt= or dockerfile=")
    if image.dockerfile is not None and len(given) > 1:
        others = ", ".join(f"{key}=" for key in given if key != "dockerfile")
        problems.add(f"{path}.dockerfile", f"a Dockerfile says everything itself: leave out {others}", image.dockerfile)
    for key in ("requirements", "dockerfile"):
        value = getattr(image, key)
        if value is not None and (not isinstance(value, str) or not value):
            problems.add(f"{path}.{key}", "the path of a file", value)
    if image.python is not None and not (isinstance(image.python, str) and _VERSION.fullmatch(image.python)):
        problems.add(f"{path}.python", 'a version of Python such as "3.12"', image.python)
    for key, expected in (("packages", '["httpx>=0.27"]'), ("apt", '["ffmpeg"]')):
        value = getattr(image, key)
        if isinstance(value, str) or not isinstance(value, Sequence):
            problems.add(f"{path}.{key}", f"a list such as {expected}", value)
            continue
        for number, item in enumerate(value):
            _check_requirement(item, f"{path}.{key}.{number}", expected, problems)


def _check_requirement(item: Any, path: str, expected: str, problems: Problems) -> None:
    if not isinstance(item, str) or not _REQUIREMENT.fullmatch(item):
        problems.add(path, f"the name of a package, as in {expected}", item)
    elif _CREDENTIALS.search(item):
        problems.add(path, "a credential in a URL would be in the state: use UV_DEFAULT_INDEX or a .netrc file")


def _requirements(file: Path, path: str, problems: Problems) -> str:
    try:
        lines = file.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problems.add(path, f"{file} cannot be read: {getattr(error, 'strerror', None) or error}")
        return ""
    # Only comments and blank lines may change without an effect.
    said = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    for line in said:
        if line.startswith(_OTHER_FILES):
            problems.add(path, "it names another file, which is not carried along: write its lines here", line)
        elif _CREDENTIALS.search(line):
            problems.add(path, "a credential in a URL would be in the state: use UV_DEFAULT_INDEX or a .netrc file")
    return "\n".join(said)
