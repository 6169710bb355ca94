"""A Flyte image: usable as it is, or what would have to be built."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

Json = dict[str, Any]

# What only prepares the build, or is there already: the code comes with the bundle.
_SILENT = ("DockerIgnore", "CodeBundleLayer", "_DockerLines")


def image_of(image: Any) -> Json:
    """`uri` where the image can be used as it is, `layers` where it would have to be built. Empty for the stock image.

    `definition` is then what a Python environment can have of it (python, layers, env), `skipped` the rest, each as a
    phrase for a person. `files` are those that it is made from, relative to the working folder.
    """
    if image is None or image == "auto":
        return {}
    if isinstance(image, str):
        return {"uri": image}
    layers = list(getattr(image, "_layers", ()))
    from flyte import Image

    stock = {Image.from_debian_base().uri}
    if image.uri in stock:
        return {}
    found: Json = {"uri": image.uri, "layers": [type(layer).__name__ for layer in layers]}
    if layers:
        paths = [value for layer in layers for value in vars(layer).values() if isinstance(value, Path)]
        found |= {**definition(image, layers), "files": sorted({os.path.relpath(path) for path in paths})}
    if getattr(image, "dockerfile", None) is not None:
        found["layers"].append("Dockerfile")
        found["skipped"] = [f"the Dockerfile {image.dockerfile.name!r}"]
    return found


def definition(image: Any, layers: list[Any]) -> Json:
    """The layers as the local control plane takes them (flyte_local/images/definition.py)."""
    steps: list[Json] = []
    env: dict[str, str] = {}
    skipped: list[str] = []
    for layer in layers:
        kind = type(layer).__name__
        if kind == "PipPackages":
            steps.append({"packages": list(layer.packages or ()), **options(layer)})
        elif kind == "Requirements":
            steps.append({"requirements": layer.file.read_text(), **options(layer)})
        elif kind == "UVScript":
            from flyte._utils import parse_uv_script_file

            steps.append({"packages": list(parse_uv_script_file(layer.script).dependencies), **options(layer)})
        elif kind == "Env":
            env.update(layer.env_vars)
        elif kind not in _SILENT:
            skipped.append(phrase(kind, layer))
    described: Json = {"layers": steps, "env": env}
    # The SDK fills in the reading interpreter's version where the source names none, which is no part of a definition.
    if tuple(image.python_version) != sys.version_info[:2]:
        described["python"] = "{}.{}".format(*image.python_version)
    return {"definition": {key: value for key, value in described.items() if value}, "skipped": skipped}


def options(layer: Any) -> Json:
    found = {
        "index_url": layer.index_url,
        "extra_index_urls": list(layer.extra_index_urls or ()),
        "pre": layer.pre,
        "extra_args": layer.extra_args,
    }
    return {key: value for key, value in found.items() if value}


def phrase(kind: str, layer: Any) -> str:
    if kind == "AptPackages":
        return f"the system packages {', '.join(layer.packages)}"
    if kind == "Commands":
        return f"the command {'; '.join(layer.commands)!r}"
    if kind == "CopyConfig":
        return f"the files that go to {layer.dst!r}"
    if kind == "WorkDir":
        return f"the working folder {layer.workdir!r}"
    return f"the layer {kind}"
