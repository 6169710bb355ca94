"""An image in the form of the embedded control plane: a text that says all there is to it.

Pure but for reading the requirements file.
"""

from __future__ import annotations

import json
from pathlib import Path

from pulumi_flyte.arguments.image import CREDENTIAL_PROBLEM, Image, has_credentials
from pulumi_flyte.problems import Problems
from pulumi_flyte.source.description import Json

# Its grammar is in flyte_local/images/definition.py.
LOCAL_PYTHON = "local/python"
_OTHER_FILES = ("-r", "-c", "-e", "--requirement", "--constraint", "--editable", ".", "/")


def described(image: Image, folder: Path, path: str, problems: Problems) -> str:
    """Return an image as a text. `folder` is the program's."""
    layers: list[Json] = []
    if image.packages:
        layers.append({"packages": list(image.packages)})
    if image.requirements:
        text = _requirements(folder / image.requirements, f"{path}.requirements", problems)
        layers.append({"requirements": text})
    return definition({"python": image.python, "layers": layers})


def definition(content: Json) -> str:
    """Return the text for a definition. It is `local/python` alone for an empty one."""
    parts = {key: value for key, value in content.items() if value}
    return f"{LOCAL_PYTHON} {json.dumps(parts, sort_keys=True, ensure_ascii=False)}" if parts else LOCAL_PYTHON


def _requirements(file: Path, path: str, problems: Problems) -> str:
    """Return the text of a requirements file without what has no effect."""
    try:
        lines = file.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problems.add(path, f"{file} cannot be read: {getattr(error, 'strerror', None) or error}")
        return ""
    # Only comments and blank lines may change without an effect.
    requirements = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    for line in requirements:
        if line.startswith(_OTHER_FILES):
            problems.add(path, "it names another file, which is not carried along: write its lines here", line)
        elif has_credentials(line):
            problems.add(path, CREDENTIAL_PROBLEM)
    return "\n".join(requirements)
