"""`Image`: what a workload needs besides Flyte, instead of the URI of a built image."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeAlias, TypedDict

import pulumi
from pydantic import Strict

from pulumi_flyte.arguments.declaration import Declaration, Property, check, crossing
from pulumi_flyte.arguments.refusal import Converted, Expected, refused, rule, sequence
from pulumi_flyte.notation.requirements import has_credentials, requirement_problem
from pulumi_flyte.problems import Problem

_VERSION = re.compile(r"3\.\d{1,2}")
# A package of Debian, perhaps with a version or a release.
_SYSTEM_PACKAGE = re.compile(r"[A-Za-z0-9][\w.+:-]*([=/]\S+)?")
_BUILD_PLATFORM = re.compile(r"linux/[a-z0-9]+(/v\d+)?")
# A scheme, or a blank, which would be an argument of its own in a Dockerfile.
_NO_URI = re.compile(r"\s|://")
_OF_PYTHON = 'expected a version of Python such as "3.12"'
_PACKAGES, _APT = '["httpx>=0.27"]', '["ffmpeg"]'
_FILE = "expected the path of a file"
_BASE = "expected the URI of an image that has Python, such as python:3.12-slim-bookworm"
_PLATFORM = "expected an operating system and an architecture, such as linux/amd64 or linux/arm64"
# It has Python and a package manager, and is small.
DEFAULT_BASE_IMAGE = "python:3.12-slim-bookworm"
NO_IMAGE = 'expected the URI of an image, or Image(packages=["httpx>=0.27"])'
CREDENTIAL_PROBLEM = (
    "the URL contains a credential, which would be stored in the state: leave it out. On `local`, uv reads it from"
    " UV_DEFAULT_INDEX or a .netrc file. A build of an image reads it from a build secret: set one with pulumi config"
    " set --secret --path flyte:buildSecrets.UV_DEFAULT_INDEX https://…, or write ${TOKEN} in the URL and set"
    " flyte:buildSecrets.TOKEN"
)


def base_image_problem(uri: str) -> str | None:
    """Return why an image cannot be built from `uri`, or None if it may be."""
    return None if uri and not _NO_URI.search(uri) else _BASE


def _requirement(value: object) -> object:
    if not isinstance(value, str) or requirement_problem(value) is not None:
        hidden = isinstance(value, str) and has_credentials(value)
        raise refused(Problem("", f"expected the name of a package, as in {_PACKAGES}", None if hidden else value))
    if has_credentials(value):
        raise refused(Problem("", CREDENTIAL_PROBLEM))
    return value


def _system_package(value: object) -> object:
    if not isinstance(value, str) or not _SYSTEM_PACKAGE.fullmatch(value):
        raise refused(Problem("", f"expected the name of a package, as in {_APT}", value))
    return value


PythonVersion = Annotated[
    str, Strict(), Expected(_OF_PYTHON), rule(lambda text: None if _VERSION.fullmatch(text) else _OF_PYTHON)
]
Requirement = Annotated[str, Converted(_requirement)]
SystemPackage = Annotated[str, Converted(_system_package)]
File = Annotated[str, Strict(), Expected(_FILE), rule(lambda path: None if path else _FILE)]
BaseImage = Annotated[str, Strict(), Expected(_BASE), rule(base_image_problem)]
BuildPlatform = Annotated[
    str, Strict(), Expected(_PLATFORM), rule(lambda name: None if _BUILD_PLATFORM.fullmatch(name) else _PLATFORM)
]


@dataclass(frozen=True, eq=False, repr=False)
class Image(Declaration):
    """Packages and files that a workload needs. Every image has Flyte's SDK and the runtime library besides.

    On `local` its packages become an environment of their own, built by uv once for each distinct definition. Elsewhere
    it is built as an image and pushed to the registry of the configuration. The code is read in the program's
    environment: import what only the image has inside functions.

    python: such as "3.12"; by default the interpreter that the workload would have without an image.
    packages: requirements such as "httpx>=0.27". requirements: a requirements file, relative to the program's folder.
    apt: system packages. dockerfile: a Dockerfile, instead of everything else. Both need a container.
    base: the image that it starts from. platforms: what it is built for, such as ["linux/amd64", "linux/arm64"].
    """

    python: Annotated[
        PythonVersion | None,
        Property("A version of Python such as `3.12`; by default the interpreter that it would have without an image."),
    ] = None
    packages: Annotated[
        Sequence[Requirement] | None,
        sequence(f"expected a list such as {_PACKAGES}"),
        Property("Requirements of PEP 508."),
    ] = None
    requirements: Annotated[File | None, Property("A requirements file, relative to the program's folder.")] = None
    apt: Annotated[
        Sequence[SystemPackage] | None,
        sequence(f"expected a list such as {_APT}"),
        Property("System packages, which need a container."),
    ] = None
    dockerfile: Annotated[File | None, Property("A Dockerfile, instead of everything else.")] = None
    base: Annotated[
        BaseImage | None,
        Property("The image that it starts from, which has Python; by default `baseImage` of the Environment."),
    ] = None
    platforms: Annotated[
        Sequence[BuildPlatform] | None,
        sequence('expected a list such as ["linux/amd64", "linux/arm64"]'),
        Property("The platforms that it is built for, by default `linux/amd64`."),
    ] = None

    def conflicts(self, keys: Collection[str]) -> Iterator[Problem]:
        if not {key for key in keys if getattr(self, key, key) != []}:
            reason = "an Image must not be empty: pass packages=, requirements=, python=, apt=, base= or dockerfile="
            yield Problem("", reason)
        if self.dockerfile is not None and set(keys) - {"dockerfile", "platforms"}:
            others = ", ".join(f"{key}=" for key in keys if key not in ("dockerfile", "platforms"))
            yield Problem("dockerfile", f"a Dockerfile describes the whole image: leave out {others}", self.dockerfile)

    def as_dict(self) -> dict[str, object]:
        """Return the form that crosses the engine, without what is unset."""
        mapping: dict[str, object] = crossing(self)
        return {key: value for key, value in mapping.items() if value != []}

    @property
    def skipped(self) -> list[str]:
        """The parts that need a container, each as a phrase for a person."""
        phrases = [f"the Dockerfile {self.dockerfile!r}"] if self.dockerfile else []
        phrases += [f"the base image {self.base!r}"] if self.base else []
        return [*phrases, f"the system packages {', '.join(self.apt)}"] if self.apt else phrases


class ImageDict(TypedDict, total=False):
    """`Image` as a mapping."""

    python: str | None
    packages: Sequence[str] | None
    requirements: str | None
    apt: Sequence[str] | None
    dockerfile: str | None
    base: str | None
    platforms: Sequence[str] | None


def image(value: object) -> object:
    """Return an `image` argument: a URI or an Output of one as it is, everything else as an Image."""
    if isinstance(value, str) and (not value or _NO_URI.search(value)):
        raise refused(Problem("", NO_IMAGE, value))
    if isinstance(value, (str, pulumi.Output)):
        return value
    if not isinstance(value, (Mapping, Image)):
        raise refused(Problem("", NO_IMAGE, value))
    declared, problems = check(Image, value)
    if declared is None or problems:
        raise refused(*problems)
    return declared


RequestedImage: TypeAlias = Image | str | pulumi.Output[str]
ImageArgument = Annotated[RequestedImage, Converted(image)]
