"""The arguments of an `Environment`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pulumi_flyte.arguments import workload
from pulumi_flyte.arguments.cluster import Cluster
from pulumi_flyte.arguments.declaration import Declaration, Property
from pulumi_flyte.arguments.env import Variables
from pulumi_flyte.arguments.image import DEFAULT_BASE_IMAGE, ImageArgument
from pulumi_flyte.arguments.kubernetes import Kubernetes
from pulumi_flyte.arguments.refusal import Converted, Expected, refused, rule
from pulumi_flyte.arguments.resources import Resources
from pulumi_flyte.arguments.values import Flag, Whole
from pulumi_flyte.naming import names
from pulumi_flyte.problems import Problem


def known_text(value: object) -> object:
    """Return a text. Raises for anything else; settings as a whole are checked with the stack configuration."""
    if not isinstance(value, str):
        raise refused(Problem("", "expected a plain string, which is known when the program runs", value))
    return value


KnownText = Annotated[str, Converted(known_text)]
PlatformName = Annotated[names.Platform, Converted(known_text)]
LocalPort = Annotated[Whole, Expected(names.LOCAL_PORT_RULE), rule(names.local_port_problem)]

PROJECT = Property(
    "The Flyte project. By default `{Pulumi project}` for a stack that is named as a domain, and"
    " `{Pulumi project}-{stack}` for any other."
)
DOMAIN = Property(
    "The Flyte domain. By default the one that the stack is named as, such as `staging` or `prod`; `development` for"
    " any other stack."
)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class EnvironmentArguments(Declaration):
    """A place where workloads run: the platform, the project, the domain, and the defaults of the workloads in it.

    All but image, env, resources, serviceAccount, cluster and kubernetes fall back to the stack configuration.
    """

    platform: Annotated[
        PlatformName | None, Property("`local`, `flyte` or `kubernetes`.", default=names.DEFAULT_PLATFORM)
    ] = None
    project: Annotated[KnownText | None, PROJECT] = None
    domain: Annotated[KnownText | None, DOMAIN] = None
    org: Annotated[KnownText | None, Property("The organisation.")] = None
    endpoint: Annotated[
        KnownText | None, Property("The URL of the Flyte API, for `flyte` and the tasks of `kubernetes`.")
    ] = None
    insecure: Annotated[Flag | None, Property("Whether an endpoint without a scheme is dialled without TLS.")] = None
    local_port: Annotated[
        LocalPort | None,
        Property("The embedded control plane's port.", default=names.DEFAULT_LOCAL_PORT),
    ] = None
    python: Annotated[
        KnownText | None,
        Property("The interpreter that reads and, on `local`, runs the code; by default the program's own."),
    ] = None
    in_cluster_endpoint: Annotated[
        KnownText | None, Property("The URL of the Flyte API for containers, where it differs.")
    ] = None
    namespace: Annotated[
        KnownText | None,
        Property("The Kubernetes namespace of apps: `flyte` on `flyte`, `{project}-{domain}` on `kubernetes`."),
    ] = None
    image: Annotated[ImageArgument | None, workload.IMAGE] = None
    registry: Annotated[
        KnownText | None, Property("Where built images are pushed to, such as `ghcr.io/acme` or `localhost:5000`.")
    ] = None
    base_image: Annotated[
        KnownText | None, Property("The image that built images start from.", default=DEFAULT_BASE_IMAGE)
    ] = None
    builder: Annotated[
        KnownText | None, Property("The name of the buildx builder that builds images, by default the current one.")
    ] = None
    env: Annotated[Variables | None, workload.ENV] = None
    resources: Annotated[Resources | None, workload.RESOURCES] = None
    service_account: Annotated[KnownText | None, Property("The Kubernetes service account.")] = None
    cluster: Annotated[
        Cluster | None, Property("The namespace of the apps on `kubernetes`, and who reaches it from outside.")
    ] = None
    kubernetes: Annotated[
        Kubernetes | None, Property("The defaults of the objects of apps on `kubernetes`, where they differ.")
    ] = None
