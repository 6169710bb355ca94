"""Plans the image of a container: with the code baked in, or for a bundle that Flyte's entrypoint brings."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import pulumi
from packaging.requirements import Requirement

from pulumi_flyte.errors import SourceError
from pulumi_flyte.images.derived import derive
from pulumi_flyte.images.recipe import PythonPackages
from pulumi_flyte.images.reference import reference
from pulumi_flyte.platforms.build_secrets import build_secrets
from pulumi_flyte.platforms.extra import missing_extra
from pulumi_flyte.platforms.image_build import ImageBuild
from pulumi_flyte.platforms.image_parts import BaseWithSteps, ImageParts, Top, image_parts
from pulumi_flyte.platforms.planned_image import ImagePlan
from pulumi_flyte.platforms.registry import Registry
from pulumi_flyte.platforms.runtime_library import library_files, library_manifest, library_requirements
from pulumi_flyte.problems import Problems, meant_by
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.installed import Installed, read_installed
from pulumi_flyte.workload.code import python_of
from pulumi_flyte.workload.container import Container

_INTERPRETERS = ("python", "python3")


def plan_image(container: Container, settings: Settings, name: str, *, needs_flyte: bool = False) -> ImagePlan:
    """Plan the image of a container whose code is baked in, with the packages that the code imports.

    name: the Flyte name of the workload. needs_flyte: whether its kind or its wiring needs Flyte's SDK.
    """
    uri = container.image.existing
    code = {} if container.bundle is None else container.bundle.files
    if uri and not code:
        return ImagePlan(uri)
    if not uri and not code and not container.runs_anything:
        return ImagePlan("")  # The missing command is reported elsewhere.
    problems, warnings = Problems(), list[str]()
    if isinstance(uri, pulumi.Output):
        problems.add("image", "the code is put on top of this image, so its URI has to be a plain string")
        return ImagePlan("", tuple(problems))
    parts = BaseWithSteps(base=uri) if uri else image_parts(container.image, settings, problems)
    if not code and container.image.requested is None and container.image.source is None:
        problems.add("image", _without_code(container, settings, problems), next(iter(container.command), None))
    elif not uri and code and isinstance(parts, BaseWithSteps):
        packages = _packages(container, settings, parts, needs_flyte, problems, warnings)
        parts = parts.with_packages(packages)
    secrets = build_secrets(problems)
    top = Top(library=library_files() if code else {}, code=code, secrets=tuple(secrets))
    manifest = parts.manifest.joined(library_manifest()) if code else parts.manifest
    return _build(parts, top, settings, name, secrets, problems, warnings)._replace(manifest=manifest)


def plan_bundled_image(container: Container, settings: Settings, name: str) -> ImagePlan:
    """Plan the image of a container that has to be made, and into which Flyte's entrypoint brings the code."""
    problems = Problems()
    parts = image_parts(container.image, settings, problems)
    secrets = build_secrets(problems)
    top = Top(secrets=tuple(secrets))
    if isinstance(parts, BaseWithSteps):
        parts = parts.with_packages(PythonPackages(requirements=_needs(_installed(settings, problems), flyte=True)))
        top = Top(secrets=tuple(secrets), writable_home=True)
    return _build(parts, top, settings, name, secrets, problems, [])._replace(manifest=parts.manifest)


def _build(
    parts: ImageParts,
    top: Top,
    settings: Settings,
    name: str,
    secrets: Mapping[str, pulumi.Output[str]],
    problems: Problems,
    warnings: list[str],
) -> ImagePlan:
    """Plan the build of an image. Its reference is known from the content of the build context."""
    reason = missing_extra()
    if reason is not None:
        problems.add("image", f"an image is built for it, and {reason}")
    elif not settings.registry and not problems.concern("image"):
        problems.add(
            "image",
            "an image is built for it, and there is no registry to push it to: pulumi config set flyte:registry"
            ' ghcr.io/team, or pass image="registry/name:tag" with a built one',
        )
    registry = Registry.configured(settings, problems)
    if problems:
        return ImagePlan("", tuple(problems), tuple(warnings))
    context = parts.context(top)
    place = reference(registry.place, settings.project, name, context.tag)
    build = ImageBuild(context, place, registry, secrets, parts.python_version)
    return ImagePlan(place, (), tuple(warnings), build)


def _packages(
    container: Container,
    settings: Settings,
    parts: BaseWithSteps,
    needs_flyte: bool,
    problems: Problems,
    warnings: list[str],
) -> PythonPackages:
    """Return the packages that are added to an image's own: what the runtime library requires, and what the code
    imports, if no argument declares the packages of the image."""
    installed = _installed(settings, problems)
    needs = _needs(installed, flyte=needs_flyte)
    if parts.names_packages:
        return PythonPackages(requirements=needs)
    code: Mapping[str, bytes] = {} if container.bundle is None else container.bundle.files
    command = container.command[0] if container.command else None
    if not container.fetches_bundle and command not in {*_INTERPRETERS, *installed.scripts}:
        problems.add("image", _unknown_command(command, installed), command)
    packages = derive(
        code,
        installed,
        needs,
        command=command if isinstance(command, str) else None,
        python=parts.python_version,
    )
    warnings += [
        f"{name} is installed from {url}, which the build of an image cannot reach: pass image= with packages or a"
        " base that provide it"
        for name, url in packages.unavailable
    ]
    return PythonPackages(requirements=packages.requirements, constraints=packages.constraints)


def _without_code(container: Container, settings: Settings, problems: Problems) -> str:
    """Return why an image cannot be derived from this command."""
    command = container.command[0] if container.command else None
    if not isinstance(command, str):
        return 'required without a source: pass image="registry/name:tag"'
    installed = _installed(settings, problems)
    if command in installed.scripts:
        return (
            "the image would not contain the files of the command: name them in include=, or pass image= with an image"
            " that has the command and its files"
        )
    return _unknown_command(command, installed)


def _unknown_command(command: object, installed: Installed) -> str:
    """Return why an image cannot be derived from a command that no installed distribution provides."""
    similar = meant_by(command, installed.scripts) if isinstance(command, str) else None
    way_out = "pass image= with one that has it" if similar is None else f"did you mean {similar!r}?"
    return f"no installed package provides this command: {way_out}"


def _installed(settings: Settings, problems: Problems) -> Installed:
    try:
        return read_installed(python_of(settings) or sys.executable)
    except SourceError as error:
        problems.add("image", str(error))
        return Installed()


def _needs(installed: Installed, *, flyte: bool) -> tuple[str, ...]:
    """Return what the runtime library requires. Flyte's SDK is of the version that has read the code."""
    needs = library_requirements(flyte=flyte)
    sdk = installed.distributions.get("flyte")
    if sdk is None or sdk.url:
        return needs
    return tuple(f"flyte=={sdk.version}" if Requirement(each).name == "flyte" else each for each in needs)
