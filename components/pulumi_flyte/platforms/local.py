"""The embedded control plane: processes of this machine instead of containers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pulumi

from pulumi_flyte.arguments.image import Image
from pulumi_flyte.engine.object_options import ObjectProperties
from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.local import Server
from pulumi_flyte.naming import names
from pulumi_flyte.platforms.base import Access, DeclaredSecret
from pulumi_flyte.platforms.flyte_api.app import FlyteAppPlan
from pulumi_flyte.platforms.flyte_api.delivery import Delivery
from pulumi_flyte.platforms.flyte_api.object_properties import OF_KIND
from pulumi_flyte.platforms.flyte_api.sdk_variables import sdk_variables
from pulumi_flyte.platforms.flyte_api.secret import declare_secret
from pulumi_flyte.platforms.flyte_api.task import FlyteTaskPlan
from pulumi_flyte.platforms.local_image import LOCAL_PYTHON, definition, described, packages_of_image
from pulumi_flyte.platforms.planned_image import ImagePlan
from pulumi_flyte.problems import Problem, Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.workload.app_spec import AppSpec
from pulumi_flyte.workload.container import Container, ImageChoice
from pulumi_flyte.workload.manifest import Manifest
from pulumi_flyte.workload.secret_spec import SecretSpec
from pulumi_flyte.workload.task_spec import TaskSpec


class LocalPlatform:
    """Workloads run with the program's interpreter, or in an environment with an image's packages; none is pulled."""

    def prepared(self, name: str, settings: Settings, opts: pulumi.ResourceOptions) -> Settings:
        # The default stays unsaid, so that what was declared is what a diff shows.
        port = settings.local_port if settings.local_port != names.DEFAULT_LOCAL_PORT else None
        return replace(settings, instance=Server(name, port=port, opts=opts).epoch)

    def environment_problems(self, settings: Settings) -> Sequence[Problem]:
        return ()

    def container_variables(self, settings: Settings) -> Mapping[str, str]:
        return sdk_variables(settings)

    def object_properties(self, kind: str) -> ObjectProperties | None:
        return OF_KIND[kind]

    def plan_app(self, spec: AppSpec, settings: Settings) -> FlyteAppPlan:
        return FlyteAppPlan(spec, settings, _delivery(spec.container, settings))

    def plan_task(self, spec: TaskSpec, settings: Settings) -> FlyteTaskPlan:
        return FlyteTaskPlan(spec, settings, _delivery(spec.container, settings))

    def is_open(self, access: Access, settings: Settings) -> bool:
        return access.requires_auth is not True

    def needs_credentials(self, access: Access) -> bool:
        return access.requires_auth is True

    def separates_workloads(self) -> bool:
        return False

    def secret_problems(self, spec: SecretSpec) -> Sequence[Problem]:
        return ()

    def declare_secret(self, spec: SecretSpec, settings: Settings, owner: Owner) -> DeclaredSecret:
        return declare_secret(spec, settings, owner)


def _delivery(container: Container, settings: Settings) -> Delivery:
    problems = Problems()
    reference = image(container.image, problems)
    return Delivery(
        image=ImagePlan(reference),
        enforces_auth=True,
        variables=sdk_variables(settings),
        warnings=tuple(warnings(container)),
        problems=tuple(problems),
        manifest=Manifest(packages=packages_of_image(reference)),
    )


def image(choice: ImageChoice, problems: Problems) -> Text:
    """Return the image in the form of the embedded control plane. A URI is sent along, and not pulled."""
    if choice.requested is None and choice.source is not None and choice.source.layers:
        return definition(choice.source.definition)
    if isinstance(choice.requested, Image):
        return described(choice.requested, Path.cwd(), "image", problems)
    return choice.requested or LOCAL_PYTHON


def warnings(container: Container) -> list[str]:
    """Return warnings about a container, as `local` runs processes and no containers."""
    texts = []
    requested, source = container.image.requested, container.image.source
    skipped: Sequence[str] = requested.skipped if isinstance(requested, Image) else ()
    if requested is None and source is not None:
        skipped = source.skipped
    elif requested is not None and not isinstance(requested, Image):
        name = f"image {requested!r}" if isinstance(requested, str) else "the image, an Output,"
        texts.append(f"{name} is not pulled on `local`: the program's interpreter is used")
    if skipped:
        texts.append(
            f"the image's {'; '.join(skipped)}: not carried out on `local`, where processes of this machine run. "
            "Install it on this machine, or deploy to a platform with containers"
        )
    if container.resources is not None and container.resources.requests_gpu:
        texts.append("a GPU cannot be reserved on `local`: the process sees what the machine has")
    return texts
