"""`ImagePlan`: the image of one container, with code baked in where the platform has no bundles."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from pulumi_flyte.arguments.image import Image
from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.errors import SourceError
from pulumi_flyte.images.context import BuildContext
from pulumi_flyte.images.declared import names_packages, steps_of
from pulumi_flyte.images.derived import derive, python_of_base
from pulumi_flyte.images.dockerfile import context_of
from pulumi_flyte.images.recipe import PythonPackages, Recipe, Step
from pulumi_flyte.images.reference import reference
from pulumi_flyte.platforms.image_build import ImageBuild, Registry
from pulumi_flyte.platforms.runtime_library import library_files, library_requirements
from pulumi_flyte.problems import Problem, Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.installed import read_installed
from pulumi_flyte.workload.code import program_folder, python_of
from pulumi_flyte.workload.container import Container, ImageChoice

DEFAULT_BASE = "python:3.12-slim-bookworm"
DEFAULT_PLATFORMS = ("linux/amd64",)


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """The plan of a container's image.

    reference: what the container refers to; a plain string wherever the image is built here. build: None where the
    image exists already.
    """

    reference: Text
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    build: ImageBuild | None = None

    def declare(self, owner: Owner) -> pulumi.Resource | None:
        """Declare the build below the workload, and return what the container waits for."""
        if self.build is None:
            return None
        # It neither waits for what the workload waits for, nor has its time limits.
        return self.build.declare(f"{owner.name}-image", pulumi.ResourceOptions(parent=owner.component))


def plan_image(container: Container, settings: Settings, name: str, *, needs_flyte: bool = False) -> ImagePlan:
    """Plan the image of a container whose code is baked in.

    name: the Flyte name of the workload. needs_flyte: whether its wiring or its kind needs Flyte's SDK.
    """
    uri = usable_uri(container.image)
    if uri and container.bundle is None:
        return ImagePlan(uri)
    problems, warnings = Problems(), list[str]()
    context = _context(container, settings, uri, needs_flyte, problems, warnings)
    registry = registry_of(settings, problems)
    if problems or registry is None or context is None:
        return ImagePlan("", tuple(problems), tuple(warnings))
    return plan_build(context, registry, settings.project, name, warnings)


def plan_build(
    context: BuildContext, registry: Registry, project: str, name: str, warnings: Sequence[str] = ()
) -> ImagePlan:
    """Plan the build of a context. Its reference is known from the context's content."""
    place = reference(registry.place, project, name, context.tag)
    return ImagePlan(place, (), tuple(warnings), ImageBuild(context, place, registry))


def usable_uri(choice: ImageChoice) -> Text:
    """Return the URI of an image that exists already, or "" where one has to be made."""
    if choice.requested is not None and not isinstance(choice.requested, Image):
        return choice.requested
    source = choice.source
    return source.uri if choice.requested is None and source is not None and not source.layers else ""


def registry_of(settings: Settings, problems: Problems) -> Registry | None:
    """Return where images of an environment are pushed to."""
    registry: str | None = getattr(settings, "registry", None)
    if not registry:
        problems.add(
            "image",
            "an image is built for it, and there is no registry to push it to: pulumi config set flyte:registry"
            " ghcr.io/team, or pass image= with the URI of an image that has the code",
        )
        return None
    config = pulumi.Config("flyte")
    return Registry(
        registry,
        getattr(settings, "builder", None),
        config.get("registryUsername"),
        config.get_secret("registryPassword"),
    )


def _context(
    container: Container, settings: Settings, uri: Text, needs_flyte: bool, problems: Problems, warnings: list[str]
) -> BuildContext | None:
    requested = container.image.requested
    code = {} if container.bundle is None else container.bundle.files
    library = library_files() if code else {}
    if isinstance(uri, pulumi.Output):
        problems.add("image", "the code is put on top of this image, so its URI is a plain string here")
        return None
    if uri:
        return context_of(Recipe(base=uri, library=library, code=code), DEFAULT_PLATFORMS)
    image = requested if isinstance(requested, Image) else Image()
    base: str = getattr(image, "base", None) or getattr(settings, "base_image", None) or DEFAULT_BASE
    steps = steps_of(image, program_folder(), problems)
    if not names_packages(image):
        if not code:
            problems.add("image", 'required without a source: pass image="registry/name:tag"')
            return None
        steps += _derived(container, settings, needs_flyte, image.python or python_of_base(base), problems, warnings)
    elif code:
        steps.append(PythonPackages(requirements=library_requirements(flyte=needs_flyte)))
    recipe = Recipe(base=base, python=image.python, steps=tuple(steps), library=library, code=code)
    return context_of(recipe, getattr(image, "platforms", None) or DEFAULT_PLATFORMS)


def _derived(
    container: Container, settings: Settings, needs_flyte: bool, python: str, problems: Problems, warnings: list[str]
) -> list[Step]:
    """Return the packages that the code imports, in the versions that its interpreter has."""
    interpreter = python_of(settings) or sys.executable
    try:
        installed = read_installed(interpreter)
    except SourceError as error:
        problems.add("image", str(error))
        return []
    command = container.command[0] if container.command else None
    runs_code = command in (*installed.scripts, "python", "python3") or container.fetches_bundle
    if not runs_code:
        problems.add(
            "image",
            "required for this command, which no installed package brings: pass image= with a base that has it",
            command,
        )
        return []
    files = {} if container.bundle is None else container.bundle.files
    needs = library_requirements(flyte=needs_flyte)
    packages = derive(files, installed, needs, command=command if isinstance(command, str) else None, python=python)
    warnings += [
        f"{name} is installed from {url}, where no image can install it from: pass image= with what brings it"
        for name, url in packages.unavailable
    ]
    return [PythonPackages(requirements=packages.requirements, constraints=packages.constraints)]
