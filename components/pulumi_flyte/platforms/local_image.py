"""An image in the form of the embedded control plane: a text that says all there is to it.

Pure but for reading the requirements file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pulumi_flyte.arguments.image import Image
from pulumi_flyte.problems import Problems
from pulumi_flyte.source.description import Json

# Its grammar is in flyte_local/images/definition.py.
LOCAL_PYTHON = "local/python"


def described(image: Image, folder: Path, path: str, problems: Problems) -> str:
    """Return an image as a text. `folder` is the program's."""
    layers: list[Json] = []
    if image.packages:
        layers.append({"packages": list(image.packages)})
    if image.requirements:
        from pulumi_flyte.images.declared import LOCK, requirements_of

        if Path(image.requirements).name == LOCK:
            way_out = "`uv export --frozen --no-emit-project --output-file requirements.txt`"
            problems.add(
                f"{path}.requirements",
                f"the platform `local` cannot install a lock: pass a requirements file, made with {way_out}",
            )
            return LOCAL_PYTHON
        lines = requirements_of(folder / image.requirements, f"{path}.requirements", problems)
        layers.append({"requirements": "\n".join(lines)})
    return definition({"python": image.python, "layers": layers})


def definition(content: Json) -> str:
    """Return the text for a definition. It is `local/python` alone for an empty one."""
    parts = {key: value for key, value in content.items() if value}
    return f"{LOCAL_PYTHON} {json.dumps(parts, sort_keys=True, ensure_ascii=False)}" if parts else LOCAL_PYTHON


def is_local_python(image: str) -> bool:
    """Return whether an image is in this form."""
    return image == LOCAL_PYTHON or image.startswith(f"{LOCAL_PYTHON} ")


def packages_of_image(image: object) -> Mapping[str, str]:
    """Return the packages that an image in this form names, with their versions. Any other image names none."""
    if not isinstance(image, str) or not image.startswith(f"{LOCAL_PYTHON} "):
        return {}
    from pulumi_flyte.images.requirements import packages_of

    layers = json.loads(image.removeprefix(LOCAL_PYTHON)).get("layers", ())
    lines = (
        line for layer in layers for line in (*layer.get("packages", ()), *layer.get("requirements", "").splitlines())
    )
    return packages_of(lines)
