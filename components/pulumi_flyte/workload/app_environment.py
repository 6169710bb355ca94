"""The parts of an app that its source settles: nearly all for a Flyte `AppEnvironment`, none for other sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pulumi_flyte.arguments.app_domain import AppDomain
from pulumi_flyte.arguments.console_link import ConsoleLink
from pulumi_flyte.arguments.scaling import Scaling
from pulumi_flyte.notation.proto import from_app_spec
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import AppEnvironmentDescription, Description
from pulumi_flyte.workload.app_spec import AppOptions, FlyteAppParts
from pulumi_flyte.workload.container_builder import ContainerParts


class AppEnvironmentParts(NamedTuple):
    """The parts of a Flyte `AppEnvironment`. The fields mean what they mean in `AppSpec`."""

    container: ContainerParts = ContainerParts()
    port: int | None = None
    options: AppOptions = AppOptions()
    flyte: FlyteAppParts = FlyteAppParts()


def parts_of(description: Description, settings: Settings) -> AppEnvironmentParts:
    """Return what the source says. The command of a Flyte source may name its project, domain and organisation."""
    if not isinstance(description, AppEnvironmentDescription):
        return AppEnvironmentParts()
    properties = from_app_spec(description.spec)
    scope = {"{{project}}": settings.project, "{{domain}}": settings.domain, "{{org}}": settings.org or "local"}
    container = ContainerParts.parse(properties)
    command = tuple(scope.get(word, word) if isinstance(word, str) else word for word in container.command)
    return AppEnvironmentParts(
        container=container._replace(command=command),
        port=properties.get("port"),
        options=_options(properties),
        flyte=FlyteAppParts(
            type=properties.get("type"),
            pod=properties.get("pod"),
            inputs={item["name"]: item["value"] for item in properties.get("inputs", ())},
            extra=properties.get("extra"),
        ),
    )


def _options(properties: Mapping[str, Any]) -> AppOptions:
    scaling, ingress = properties.get("scaling"), properties.get("ingress")
    links = properties.get("links")
    return AppOptions(
        scaling=None if scaling is None else _scaling(scaling),
        request_timeout=properties.get("timeouts", {}).get("request"),
        domain=None if ingress is None else _domain(ingress),
        console_links=None if links is None else tuple(_link(link) for link in links),
        service_account=properties.get("serviceAccount"),
        description=properties.get("description"),
    )


def _scaling(properties: Mapping[str, Any]) -> Scaling:
    least, most = properties.get("minReplicas"), properties.get("maxReplicas")
    return Scaling(
        replicas=None if least is None or most is None else (least, most),
        concurrency=properties.get("concurrency"),
        request_rate=properties.get("requestRate"),
        scaledown_after=properties.get("scaledownAfter"),
    )


def _domain(properties: Mapping[str, Any]) -> AppDomain:
    return AppDomain(subdomain=properties.get("subdomain"), custom_domain=properties.get("customDomain"))


def _link(properties: Mapping[str, Any]) -> ConsoleLink:
    return ConsoleLink(
        path=properties.get("path", ""), title=properties.get("title"), is_relative=properties.get("isRelative")
    )
