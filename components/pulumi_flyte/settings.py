"""The settings that workloads get from their Environment and the stack configuration. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Annotated, TypedDict, cast

import pulumi
from typing_extensions import NotRequired

from pulumi_flyte.arguments.cluster import Cluster, ClusterDict
from pulumi_flyte.arguments.declaration import Property, crossing
from pulumi_flyte.arguments.declaration import check as check_declaration
from pulumi_flyte.arguments.image import Image, ImageDict, base_image_problem
from pulumi_flyte.arguments.kubernetes import Kubernetes, KubernetesDict
from pulumi_flyte.arguments.pod_security import forbidden
from pulumi_flyte.arguments.resources import Resources, ResourcesDict
from pulumi_flyte.naming import cluster_names, control_planes, names
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.naming.control_planes import ControlPlane
from pulumi_flyte.notation.quantities import whole
from pulumi_flyte.problems import Problem, Problems


class EnvironmentSettingsDict(TypedDict):
    """The value of `Environment.settings`, for other languages."""

    # No enumeration: Pulumi YAML takes none from an output of another resource.
    platform: Annotated[str, Property("`local`, `flyte` or `kubernetes`.")]
    project: Annotated[str, Property("The Flyte project.")]
    domain: NotRequired[Annotated[str, Property("The Flyte domain.")]]
    org: NotRequired[Annotated[str, Property("The organisation.")]]
    endpoint: NotRequired[Annotated[str, Property("The URL of the Flyte API.")]]
    insecure: NotRequired[Annotated[bool, Property("Whether an endpoint without a scheme is dialled without TLS.")]]
    inClusterEndpoint: NotRequired[Annotated[str, Property("Its URL for containers, where it differs.")]]
    baseDomain: NotRequired[Annotated[str, Property("The domain of public URLs, where it is known beforehand.")]]
    scheme: NotRequired[Annotated[str, Property("The scheme of public URLs, `https` by default.")]]
    namespace: NotRequired[Annotated[str, Property("The Kubernetes namespace of apps.")]]
    localPort: NotRequired[Annotated[int, Property("The embedded control plane's port, 8480 by default.")]]
    python: NotRequired[Annotated[str, Property("The interpreter that reads and, on `local`, runs the code.")]]
    image: NotRequired[Annotated[pulumi.Input[str] | ImageDict, Property("The default image of the workloads.")]]
    env: NotRequired[Annotated[Mapping[str, pulumi.Input[str]], Property("Plain variables of all workloads.")]]
    resources: NotRequired[Annotated[ResourcesDict, Property("The default resources of the workloads.")]]
    serviceAccount: NotRequired[Annotated[str, Property("The default Kubernetes service account.")]]
    platformAuth: NotRequired[
        Annotated[
            bool,
            Property("Whether the platform itself refuses callers without a credential for apps with `requiresAuth`."),
        ]
    ]
    consoleUrl: NotRequired[Annotated[str, Property("The URL of Flyte's console, where the API does not serve it.")]]
    registry: NotRequired[Annotated[str, Property("Where images are pushed to, such as `ghcr.io/acme`.")]]
    baseImage: NotRequired[Annotated[str, Property("The image that built images start from.")]]
    builder: NotRequired[Annotated[str, Property("The name of the buildx builder that builds images.")]]
    cluster: NotRequired[Annotated[ClusterDict, Property("The namespace on `kubernetes`, and who reaches it.")]]
    kubernetes: NotRequired[Annotated[KubernetesDict, Property("The defaults of the objects of apps on `kubernetes`.")]]
    instance: NotRequired[Annotated[pulumi.Input[int], Property("The epoch of the embedded control plane.")]]
    namespaceObject: NotRequired[
        Annotated[pulumi.Input[str], Property("The name of the namespace, once an Environment has made it.")]
    ]
    containerKey: NotRequired[
        Annotated[pulumi.Input[str], Property("The Secret of the namespace with the API key that containers use.")]
    ]


@dataclass(frozen=True)
class Settings:
    """Everything that a workload needs to know of its environment.

    `platform_auth`: whether the platform itself turns away callers of apps with `requires_auth`, as Union does and
    Flyte OSS does not. `namespace` is by default the platform's. `instance` is the local control plane's epoch: an
    Output that also carries the dependency on the server. `namespace_object` does the same for a namespace of a
    cluster. `container_key` is the Secret of the namespace with the API key that containers show to Flyte.
    """

    platform: names.Platform
    project: str
    domain: str = names.DEFAULT_DOMAIN
    org: str = ""
    endpoint: str | None = None
    insecure: bool = False
    in_cluster_endpoint: str | None = None
    base_domain: str | None = None
    scheme: names.Scheme = "https"
    namespace: str = ""
    local_port: int = names.DEFAULT_LOCAL_PORT
    python: str | None = None
    image: Image | str | pulumi.Output[str] | None = None
    env: Mapping[str, str | pulumi.Output[str]] = field(default_factory=dict)
    resources: Resources | None = None
    service_account: str | None = None
    platform_auth: bool = False
    console_url: str | None = None
    registry: str | None = None
    base_image: str | None = None
    builder: str | None = None
    cluster: Cluster = field(default_factory=Cluster)
    kubernetes: Kubernetes | None = None
    instance: pulumi.Input[int] | None = None
    namespace_object: pulumi.Input[str] | None = None
    container_key: pulumi.Input[str] | None = None

    def __post_init__(self) -> None:
        """Fill in the default namespace, which depends on other settings."""
        if self.namespace == "":
            namespace = names.default_namespace(self.platform, self.project, self.domain)
            object.__setattr__(self, "namespace", namespace)

    @property
    def place(self) -> str:
        """The project and domain of a control plane, as messages name them."""
        return f"{self.project}/{self.domain} on {self.control_plane}"

    @cached_property
    def target(self) -> names.Target:
        """The values that names and endpoints are computed from."""
        return names.Target(
            platform=self.platform,
            project=self.project,
            domain=self.domain,
            org=self.org,
            local_port=self.local_port,
            base_domain=self.base_domain,
            scheme=self.scheme,
            namespace=self.namespace,
            api_url=control_planes.url(self.endpoint, insecure=self.insecure) if self.endpoint else "",
            console=self.console_url and self.console_url.rstrip("/"),
            ingress_host=self.cluster.ingress_host,
        )

    @cached_property
    def control_plane(self) -> ControlPlane:
        """The control plane that workloads go to."""
        if self.platform == "local":
            return ControlPlane.at("local", names.local_url(self.target))
        return ControlPlane.at(self.platform, self.endpoint or "", self.org, insecure=self.insecure)

    @property
    def container_endpoint(self) -> tuple[str | None, bool]:
        """The control plane as containers dial it (`host:port`), and whether without TLS."""
        if self.platform == "local":
            return f"127.0.0.1:{self.local_port}", True
        return self.in_cluster_endpoint or self.endpoint, self.insecure

    def as_dict(self) -> EnvironmentSettingsDict:
        """Return the form that crosses the engine: camelCase, without what is unset."""
        values = {key: crossing(getattr(self, name)) for key, name in _FIELDS.items()}
        settings = {key: value for key, value in values.items() if value is not None and value != {}}
        return cast(EnvironmentSettingsDict, settings)

    @classmethod
    def from_dict(cls, mapping: Mapping[str, object]) -> Settings:
        """Return the inverse of `as_dict`. Raises TypeError or KeyError if it is not an environment."""
        values = {_FIELDS[key]: whole(item) for key, item in mapping.items()}
        for name, kind in _DECLARED.items():
            if isinstance(values.get(name), Mapping):
                values[name], problems = check_declaration(kind, values[name])
                if problems:
                    raise TypeError(problems[0])
        return cls(**values)


# The name of each field by its property.
_FIELDS = {camel(item.name): item.name for item in fields(Settings)}


_DECLARED: Mapping[str, type[Image | Resources | Cluster | Kubernetes]] = {
    "image": Image,
    "resources": Resources,
    "cluster": Cluster,
    "kubernetes": Kubernetes,
}
_REQUIRED = ("platform", "project", "domain", "org", "scheme", "namespace")
_TEXTS = (
    *(*_REQUIRED, "endpoint", "in_cluster_endpoint", "base_domain", "python", "service_account"),
    *("console_url", "registry", "base_image", "builder"),
)


def check_types(settings: Settings, problems: Problems) -> None:
    """Check that the values in names are plain, because a name must be known when the program runs."""
    for key in _TEXTS:
        value = getattr(settings, key)
        if (value is not None or key in _REQUIRED) and not isinstance(value, str):
            problems.add(key, "expected a plain string, which is known when the program runs", value)
    for key in ("insecure", "platform_auth"):
        if not isinstance(getattr(settings, key), bool):
            problems.add(key, "expected True or False", getattr(settings, key))
    if not isinstance(settings.env, Mapping):
        problems.add("env", "expected a mapping", settings.env)


def check(settings: Settings, problems: Problems) -> None:
    """Check settings, each at the argument (or `flyte:` configuration) that it comes from."""
    problems.add("platform", names.platform_problem(settings.platform), settings.platform)
    problems.add("project", names.scope_name_problem(settings.project), settings.project)
    if settings.platform == "local":
        problems.add("domain", names.local_domain_problem(settings.domain))
    else:
        problems.add("domain", names.scope_name_problem(settings.domain), settings.domain)
    problems.add("local_port", names.local_port_problem(settings.local_port), settings.local_port)
    if settings.platform == "flyte" and not settings.endpoint:
        problems.add(
            "endpoint",
            "the platform 'flyte' needs an endpoint: pulumi config set flyte:endpoint dns:///flyte.example.com",
        )
    elif settings.platform != "local" and settings.endpoint:
        problems.add("endpoint", control_planes.endpoint_problem(settings.endpoint), settings.endpoint)
    problems.extend(_endpoints_of_containers(settings))
    problems.add("namespace", cluster_names.namespace_problem(settings.namespace), settings.namespace)
    if settings.registry is not None:
        problems.add("registry", cluster_names.registry_problem(settings.registry), settings.registry)
    if settings.base_image is not None:
        problems.add("base_image", base_image_problem(settings.base_image), settings.base_image)
    if settings.kubernetes is not None:
        problems.within("kubernetes", forbidden(settings.kubernetes, settings.cluster.pod_security or "restricted"))
    if settings.scheme not in ("http", "https"):
        problems.add("scheme", "expected http or https", settings.scheme)
    if settings.console_url is not None and not settings.console_url.startswith(("http://", "https://")):
        problems.add("console_url", "expected a URL such as https://flyte.example.com", settings.console_url)


def _endpoints_of_containers(settings: Settings) -> Iterator[Problem]:
    """Yield what is wrong with the address of the Flyte API that containers dial."""
    inside = settings.in_cluster_endpoint
    if inside is not None:
        reason = control_planes.endpoint_problem(inside)
        if reason is not None:
            yield Problem("in_cluster_endpoint", reason, inside)
    elif settings.platform == "kubernetes" and control_planes.is_loopback(settings.endpoint or ""):
        reason = (
            f"a container cannot reach {settings.endpoint}, as its loopback address is its own: pulumi config set"
            " flyte:inClusterEndpoint http://flyte.flyte.svc.cluster.local:8089, or another URL that pods reach"
        )
        yield Problem("in_cluster_endpoint", reason)
