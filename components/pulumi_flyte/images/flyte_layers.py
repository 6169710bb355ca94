"""The layers of an image that Flyte code declares, as steps. It reads the files that they copy."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path

from pulumi_flyte.images.folder import IGNORE_FILE, ignore_rules, links_out, paths_in
from pulumi_flyte.images.recipe import (
    Command,
    Files,
    LockedPackages,
    PythonPackages,
    Step,
    SystemPackages,
    Variables,
    WorkingFolder,
)
from pulumi_flyte.notation.requirements import has_credentials
from pulumi_flyte.problems import Problems
from pulumi_flyte.source.description import Json, SourceImage

_SECRETS = ".env"
_CREDENTIAL = (
    "the source's image names a URL with a credential, which would stay in the image: leave the URL out, and set it as"
    " a build secret, pulumi config set --secret --path flyte:buildSecrets.UV_DEFAULT_INDEX https://…"
)


def steps_of_layers(image: SourceImage, problems: Problems) -> list[Step]:
    """Return the steps, in the order of the layers. A layer that is not built here is a problem."""
    steps: list[Step] = []
    for layer in image.layers:
        try:
            steps += _steps(layer, problems)
        except OSError as error:
            problems.add("image", f"the source's image copies {error.filename}: {error.strerror}")
    return steps


def _steps(layer: Json, problems: Problems) -> Iterator[Step]:
    if "unsupported" in layer:
        problems.add(
            "image",
            f"the source's image has the layer {layer['unsupported']}, which is not built here: pass image= with the"
            " URI of the built one, or declare it with packages, requirements, a uv project, commands and files",
        )
    if "apt" in layer:
        yield SystemPackages(tuple(layer["apt"]))
    if "packages" in layer or "requirements" in layer:
        lines = (*layer.get("packages", ()), *layer.get("requirements", "").splitlines())
        options = tuple(layer.get("options", ()))
        if any(map(has_credentials, (*lines, *options))):
            problems.add("image", _CREDENTIAL)
        yield PythonPackages(requirements=lines, options=options)
    if "lock" in layer:
        project, lock = (Path(layer[key]).read_bytes() for key in ("project", "lock"))
        yield LockedPackages(project, lock)
    if "env" in layer:
        yield Variables(tuple((name, value) for name, value in layer["env"]))
    for command in layer.get("commands", ()):
        yield Command(command)
    if "workdir" in layer:
        yield WorkingFolder(layer["workdir"])
    if "copy" in layer:
        yield _files(Path(layer["copy"]), layer["to"], problems)


def _files(source: Path, to: str, problems: Problems) -> Files:
    """Return what COPY makes of a file or a folder: a folder's content, or a file under its own or another name.

    Of a folder, its `.dockerignore` leaves files out, as Flyte's own builder does. A `.env` has secrets.
    """
    if source.is_dir():
        rules = ignore_rules(source / IGNORE_FILE)
        paths = [path for path in paths_in(source) if not rules.ignores(path) and posixpath.basename(path) != _SECRETS]
        for reason in links_out(source, paths):
            problems.add("image", reason)
        return Files({} if problems else {path: (source / path).read_bytes() for path in paths}, to)
    folder, name = (to, source.name) if to.endswith("/") or to == "." else posixpath.split(to)
    return Files({name: source.read_bytes()}, folder or ".")
