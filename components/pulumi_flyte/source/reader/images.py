"""A Flyte image: usable as it is, or what would have to be built."""

from __future__ import annotations

import os
import sys
from typing import Any

from .flyte_internals import Layer, layers

Json = dict[str, Any]


def image_of(image: Any) -> Json:
    """`uri` if the image can be used as it is, `layers` if it would have to be built. Empty for the stock image.

    A layer is a step for a builder, with its `kind`. `base` is the image that they are put on, or `dockerfile` the path
    of a Dockerfile.
    `definition` is then what a Python environment can have of it (python, layers, env), `skipped` the rest, each as a
    phrase for a person. `files` are those that it is made from, relative to the working folder.
    """
    if image is None or image == "auto":
        return {}
    if isinstance(image, str):
        return {"uri": image}
    from flyte import Image

    stock = {Image.from_debian_base().uri}
    if image.uri in stock:
        return {}
    content = layers(image)
    answer: Json = {"uri": image.uri, "layers": [{"kind": layer.kind, **layer.step} for layer in content]}
    answer |= {"base": image.base_image or "", "platforms": list(image.platform)}
    if content:
        files = {os.path.relpath(path) for layer in content for path in layer.paths}
        answer |= {**definition(image, content), "files": sorted(files)}
    if getattr(image, "dockerfile", None) is not None:
        answer["layers"].append({"kind": "Dockerfile"})
        answer["dockerfile"] = str(image.dockerfile.absolute())
        answer["skipped"] = [f"the Dockerfile {image.dockerfile.name!r}"]
    return answer


def definition(image: Any, content: list[Layer]) -> Json:
    """Return the layers as the local control plane takes them (flyte_local/images/definition.py)."""
    steps: list[Json] = []
    env: dict[str, str] = {}
    for layer in content:
        if layer.packages is not None:
            steps.append({"packages": layer.packages, **layer.options})
        elif layer.requirements is not None:
            steps.append({"requirements": layer.requirements.read_text(), **layer.options})
        env.update(layer.variables or {})
    skipped = [layer.skipped for layer in content if layer.skipped is not None]
    document: Json = {"layers": steps, "env": env}
    # Without a version in the source, the SDK fills in the interpreter's, which is not part of a definition.
    if tuple(image.python_version) != sys.version_info[:2]:
        document["python"] = "{}.{}".format(*image.python_version)
    return {"definition": {key: value for key, value in document.items() if value}, "skipped": skipped}
