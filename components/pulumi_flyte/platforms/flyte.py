"""Flyte 2 itself: Flyte OSS and Union, through the Flyte API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import pulumi

from pulumi_flyte.arguments.image import Image
from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.platforms.base import DeclaredSecret
from pulumi_flyte.platforms.flyte_api.app import FlyteAppPlan
from pulumi_flyte.platforms.flyte_api.delivery import Delivery
from pulumi_flyte.platforms.flyte_api.sdk_variables import sdk_variables
from pulumi_flyte.platforms.flyte_api.secret import declare_secret
from pulumi_flyte.platforms.flyte_api.task import FlyteTaskPlan
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.workload.app_spec import AppSpec
from pulumi_flyte.workload.container import Container, ImageChoice
from pulumi_flyte.workload.secret_spec import SecretSpec
from pulumi_flyte.workload.task_spec import TaskSpec


class FlytePlatform:
    """Workloads run in containers; the bundle brings the runtime library, as stock images lack it."""

    def prepared(self, name: str, settings: Settings, opts: pulumi.ResourceOptions) -> Settings:
        return settings

    def container_variables(self, settings: Settings) -> Mapping[str, str]:
        return sdk_variables(settings)

    def plan_app(self, spec: AppSpec, settings: Settings) -> FlyteAppPlan:
        return FlyteAppPlan(spec, settings, _delivery(spec.container, settings, *app_warnings(spec)))

    def plan_task(self, spec: TaskSpec, settings: Settings) -> FlyteTaskPlan:
        return FlyteTaskPlan(spec, settings, _delivery(spec.container, settings))

    def declare_secret(self, spec: SecretSpec, settings: Settings, owner: Owner) -> DeclaredSecret:
        return declare_secret(spec, settings, owner)


def _delivery(container: Container, settings: Settings, *warnings: str) -> Delivery:
    problems = Problems()
    return Delivery(
        image=image(container.image, problems),
        enforces_auth=settings.platform_auth,
        variables=sdk_variables(settings),
        added_files=runtime_library(),
        warnings=(*image_warnings(container.image), *warnings),
        problems=tuple(problems),
    )


def image(choice: ImageChoice, problems: Problems) -> Text:
    """Return the URI of the image: the argument's, the source's own, the environment's, or Flyte's."""
    if isinstance(choice.requested, Image):
        problems.add(
            "image",
            "on `flyte` an Image has to be built and pushed to a registry first, which this version does not do: "
            "pass image= with the URI of the built one",
        )
        return ""
    if choice.requested is not None and choice.requested != "":
        return choice.requested
    if choice.source is not None and choice.source.layers:
        problems.add("image", "the source's image has to be built first: pass image= with the URI of the built one")
        return ""
    uri = choice.stock.uri if choice.source is None else choice.source.uri
    if not uri:
        problems.add("image", 'required on `flyte`: pass image="registry/name:tag", here or to the Environment')
    return uri


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


@cache
def runtime_library() -> Mapping[str, bytes]:
    """Return the files that every bundle carries, so that a stock image can serve the code."""
    package = Path(str(files("flyte_runtime")))
    modules = {path.relative_to(package.parent).as_posix(): path for path in package.rglob("*.py")}
    return {name: path.read_bytes() for name, path in modules.items()}
