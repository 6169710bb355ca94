"""Flyte 2 itself: Flyte OSS and Union, through the Flyte API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pulumi

from pulumi_flyte.arguments.image import Image
from pulumi_flyte.engine.object_options import ObjectProperties
from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.platforms.base import Access, DeclaredSecret
from pulumi_flyte.platforms.flyte_api.app import FlyteAppPlan
from pulumi_flyte.platforms.flyte_api.delivery import Delivery
from pulumi_flyte.platforms.flyte_api.object_properties import OF_KIND
from pulumi_flyte.platforms.flyte_api.sdk_variables import sdk_variables
from pulumi_flyte.platforms.flyte_api.secret import declare_secret
from pulumi_flyte.platforms.flyte_api.task import FlyteTaskPlan
from pulumi_flyte.platforms.planned_image import ImagePlan
from pulumi_flyte.platforms.runtime_library import library_files, library_manifest
from pulumi_flyte.problems import Problem
from pulumi_flyte.settings import Settings
from pulumi_flyte.workload.app_spec import AppSpec
from pulumi_flyte.workload.container import Container, ImageChoice
from pulumi_flyte.workload.secret_spec import SecretSpec
from pulumi_flyte.workload.task_spec import TaskSpec


class FlytePlatform:
    """Workloads run in containers; the bundle brings the runtime library, as stock images lack it."""

    def prepared(self, name: str, settings: Settings, opts: pulumi.ResourceOptions) -> Settings:
        build = environment_image(name, settings).build
        if build is None:
            return settings
        # The text carries the dependency on the build, to workloads of other languages too.
        image = build.declare(f"{name}-image", opts)
        return replace(settings, image=pulumi.Output.all(build.reference, image.urn).apply(lambda both: str(both[0])))

    def environment_problems(self, settings: Settings) -> Sequence[Problem]:
        return environment_image("environment", settings).problems

    def container_variables(self, settings: Settings) -> Mapping[str, str]:
        return sdk_variables(settings)

    def object_properties(self, kind: str) -> ObjectProperties | None:
        return OF_KIND[kind]

    def plan_app(self, spec: AppSpec, settings: Settings) -> FlyteAppPlan:
        return FlyteAppPlan(spec, settings, flyte_delivery(spec.container, settings, spec.name, *app_warnings(spec)))

    def plan_task(self, spec: TaskSpec, settings: Settings) -> FlyteTaskPlan:
        return FlyteTaskPlan(spec, settings, flyte_delivery(spec.container, settings, spec.name))

    def is_open(self, access: Access, settings: Settings) -> bool:
        # A front of the platform's own turns strangers away unless the app says otherwise.
        return access.requires_auth is False or (access.requires_auth is None and not settings.platform_auth)

    def needs_credentials(self, access: Access) -> bool:
        return access.requires_auth is True

    def separates_workloads(self) -> bool:
        return False

    def secret_problems(self, spec: SecretSpec) -> Sequence[Problem]:
        return ()

    def declare_secret(self, spec: SecretSpec, settings: Settings, owner: Owner) -> DeclaredSecret:
        return declare_secret(spec, settings, owner)


def flyte_delivery(container: Container, settings: Settings, name: str, *warnings: str) -> Delivery:
    image = planned_image(container, settings, name)
    return Delivery(
        image=image,
        enforces_auth=settings.platform_auth,
        variables=sdk_variables(settings),
        added_files=library_files(),
        manifest=image.manifest.joined(library_manifest()),
        warnings=(*image.warnings, *image_warnings(container.image), *warnings),
        problems=image.problems,
    )


def environment_image(name: str, settings: Settings) -> ImagePlan:
    """Return the image that all workloads of an environment share, which is built once."""
    if not isinstance(settings.image, Image):
        return ImagePlan("")
    return planned_image(Container(image=ImageChoice(settings.image)), settings, name)


def planned_image(container: Container, settings: Settings, name: str) -> ImagePlan:
    """Return the image: the argument's, the source's own, the environment's, or Flyte's."""
    choice = container.image
    if choice.existing:
        return ImagePlan(choice.existing)
    if choice.requested is None and choice.source is None:
        reason = 'required on `flyte`: pass image="registry/name:tag", here or to the Environment'
        return ImagePlan(choice.stock.uri, () if choice.stock.uri else (Problem("image", reason),))
    from pulumi_flyte.platforms.image_plan import plan_bundled_image

    return plan_bundled_image(container, settings, name)


def image_warnings(choice: ImageChoice) -> list[str]:
    """Return what a preview should say about code that runs in Flyte's own image."""
    missing = choice.stock.lacks
    if choice.requested or choice.source is not None or not missing:
        return []
    return [f"Flyte's default image lacks {', '.join(missing)}, which the code imports: pass image="]


def app_warnings(spec: AppSpec) -> list[str]:
    """Return what a preview should say about the parts of an app that Flyte OSS does not carry out."""
    texts = []
    if spec.options.public is False:
        texts.append("public=False: Flyte gives every app a public address; requires_auth=True lets only callers in")
    if spec.container.resources is not None and spec.container.resources.requests_gpu:
        texts.append("Flyte OSS drops a GPU request of an app; Union carries it out")
    if spec.options.domain is not None:
        texts.append("Flyte OSS ignores an app's own domain; Union serves it")
    return texts
