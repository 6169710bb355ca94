"""The parts of an image, before a platform puts the runtime library and the code on it.

They are a base with steps on it (`BaseWithSteps`), or a user's own Dockerfile (`WholeDockerfile`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from pulumi_flyte.arguments.image import DEFAULT_BASE_IMAGE, Image
from pulumi_flyte.images.context import BuildContext
from pulumi_flyte.images.declared import names_packages, steps_of
from pulumi_flyte.images.derived import DEFAULT_PYTHON, python_of_base
from pulumi_flyte.images.dockerfile import context_around, context_of
from pulumi_flyte.images.flyte_layers import steps_of_layers
from pulumi_flyte.images.own_dockerfile import OwnDockerfile, read_dockerfile
from pulumi_flyte.images.recipe import Files, LockedPackages, PythonPackages, Recipe, Step
from pulumi_flyte.images.requirements import packages_of
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import SourceImage
from pulumi_flyte.workload.code import program_folder
from pulumi_flyte.workload.container import ImageChoice
from pulumi_flyte.workload.manifest import Manifest

# A cluster's nodes are nearly always of this kind, and an image has to be equal on whatever machine it is built.
DEFAULT_PLATFORMS = ("linux/amd64",)
# Flyte's own images have its SDK, and are in a registry that a cluster without internet does not reach.
_FLYTES_OWN = "ghcr.io/flyteorg/flyte:"
_FLYTES_PLATFORMS = ("linux/amd64", "linux/arm64")


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """The top layers of an image: the runtime library and the code.

    secrets: the names of build secrets. writable_home: whether the process may write into the folder of its code.
    """

    library: Mapping[str, bytes] = field(default_factory=dict)
    code: Mapping[str, bytes] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    writable_home: bool = False

    def recipe(self, base: str, python: str | None = None, steps: tuple[Step, ...] = ()) -> Recipe:
        """Return the recipe of an image with this on top."""
        return Recipe(
            base=base,
            python=python,
            steps=steps,
            library=self.library,
            code=self.code,
            secrets=self.secrets,
            writable_home=self.writable_home,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseWithSteps:
    """A base, and what is put on it.

    names_packages: whether the program says which Python packages the image has.
    """

    base: str
    python: str | None = None
    steps: tuple[Step, ...] = ()
    names_packages: bool = False
    platforms: tuple[str, ...] = DEFAULT_PLATFORMS

    @property
    def python_version(self) -> str:
        """The version of Python in the image. None if its parts do not say it."""
        return self.python or python_of_base(self.base)

    def with_packages(self, packages: PythonPackages) -> BaseWithSteps:
        """Return the parts with more packages. They are resolved together with those of the last step, where that has
        no options of its own: a second installation would override what the first one was asked for."""
        *before, last = self.steps or (None,)
        if isinstance(last, PythonPackages) and not last.options:
            packages = PythonPackages(
                requirements=(*last.requirements, *packages.requirements),
                constraints=(*last.constraints, *packages.constraints),
            )
            return replace(self, steps=(*before, packages))
        return replace(self, steps=(*self.steps, packages))

    @property
    def manifest(self) -> Manifest:
        """The files and packages that the parts name."""
        files: dict[str, bytes] = {}
        packages: dict[str, str] = {}
        for step in self.steps:
            if isinstance(step, PythonPackages):
                packages |= packages_of((*step.constraints, *step.requirements))
            elif isinstance(step, LockedPackages):
                files |= {"pyproject.toml": step.project, "uv.lock": step.lock}
            elif isinstance(step, Files):
                files |= step.content
        return Manifest(packages=packages).joined(Manifest.of_files(files))

    def context(self, top: Top) -> BuildContext:
        """Return the build context of an image with these parts, and with `top` on them."""
        return context_of(top.recipe(self.base, self.python, self.steps), self.platforms)


@dataclass(frozen=True, slots=True)
class WholeDockerfile:
    """A user's own Dockerfile, which says everything."""

    dockerfile: OwnDockerfile
    platforms: tuple[str, ...] = DEFAULT_PLATFORMS

    @property
    def python_version(self) -> str:
        """A usual version of Python: which one the image has, only its build knows."""
        return DEFAULT_PYTHON

    @property
    def manifest(self) -> Manifest:
        """The Dockerfile and the files that it copies."""
        files = {path: file.content for path, file in self.dockerfile.files.items()}
        return Manifest.of_files({**files, "Dockerfile": self.dockerfile.text.encode()})

    def context(self, top: Top) -> BuildContext:
        """Return the build context of the Dockerfile, with `top` on its image."""
        dockerfile = self.dockerfile
        return context_around(dockerfile.text, dockerfile.files, top.recipe(base=""), self.platforms)


ImageParts: TypeAlias = BaseWithSteps | WholeDockerfile


def image_parts(choice: ImageChoice, settings: Settings, problems: Problems) -> ImageParts:
    """Return the parts of an image that has to be made: the argument's, or those of the layers of Flyte code."""
    if choice.requested is None and choice.source is not None:
        return _of_layers(choice.source, settings, problems)
    image = choice.requested if isinstance(choice.requested, Image) else Image()
    platforms = tuple(image.platforms or DEFAULT_PLATFORMS)
    if image.dockerfile is not None:
        dockerfile = read_dockerfile(program_folder() / image.dockerfile, "image.dockerfile", problems)
        return WholeDockerfile(dockerfile, platforms)
    return BaseWithSteps(
        base=image.base or settings.base_image or DEFAULT_BASE_IMAGE,
        python=image.python,
        steps=tuple(steps_of(image, program_folder(), problems)),
        names_packages=names_packages(image),
        platforms=platforms,
    )


def _of_layers(source: SourceImage, settings: Settings, problems: Problems) -> ImageParts:
    platforms = DEFAULT_PLATFORMS if source.platforms == _FLYTES_PLATFORMS else source.platforms
    if source.dockerfile:
        return WholeDockerfile(read_dockerfile(Path(source.dockerfile), "image", problems), platforms)
    base = source.base
    if settings.base_image is not None and base.startswith(_FLYTES_OWN):
        base = settings.base_image
    steps = steps_of_layers(source, problems)
    return BaseWithSteps(base=base, steps=tuple(steps), names_packages=True, platforms=platforms)
