"""Which image a workload gets, and a definition as the string that travels. Pure but for reading the requirements
file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi_flyte.arguments.image import CREDENTIAL_PROBLEM, Image, RequestedImage, has_credentials
from pulumi_flyte.problems import Problems
from pulumi_flyte.source.description import SourceImage

# The embedded control plane's form of an image that describes itself (flyte_local/images/definition.py).
LOCAL_PYTHON = "local/python"
_OTHER_FILES = ("-r", "-c", "-e", "--requirement", "--constraint", "--editable", ".", "/")


def chosen(
    argument: RequestedImage | None, own: SourceImage | None, default: RequestedImage | None
) -> RequestedImage | None:
    """Return the argument; else nothing where the source has an image of its own; else the environment's."""
    if argument is not None:
        return argument
    return default if own is None else None


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
        elif has_credentials(line):
            problems.add(path, CREDENTIAL_PROBLEM)
    return "\n".join(said)
