"""`ClusterRules`: an Environment's `cluster`, with every default filled in. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pulumi_flyte.arguments.cluster import Egress
from pulumi_flyte.arguments.pod_security import PodSecurity
from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.settings import Settings

# Where the manifests and the chart of ingress-nginx put its controller.
_INGRESS_NAMESPACE = "ingress-nginx"
# Where Flyte OSS 2 runs the tasks of all projects (`actions.kubernetes.namespace`, flyte's actions/config/config.go).
_TASK_NAMESPACE = "flyte"


@dataclass(frozen=True, slots=True)
class GatewayName:
    """A Gateway of the cluster."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRules:
    """The namespace of the apps, and who reaches it from outside. Its fields are those of `Cluster`."""

    namespace: str
    task_namespace: str
    create_namespace: bool = True
    pod_security: PodSecurity = "restricted"
    ingress_class: str | None = None
    gateway: GatewayName | None = None
    ingress_namespaces: tuple[str, ...] = ()
    ingress_cidrs: tuple[str, ...] = ()
    tls_secret: str | None = None
    route_annotations: Mapping[str, Text] = field(default_factory=dict)
    egress: Egress = "open"
    egress_cidrs: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> ClusterRules:
        """Return the rules of an environment."""
        cluster = settings.cluster
        gateway = None if cluster.gateway is None else GatewayName(*cluster.gateway.split("/"))
        controllers = (_INGRESS_NAMESPACE,) if gateway is None else (gateway.namespace,)
        return cls(
            namespace=settings.namespace,
            task_namespace=cluster.task_namespace or _TASK_NAMESPACE,
            create_namespace=cluster.create_namespace is not False,
            pod_security=cluster.pod_security or "restricted",
            ingress_class=cluster.ingress_class,
            gateway=gateway,
            ingress_namespaces=tuple(controllers if cluster.ingress_namespaces is None else cluster.ingress_namespaces),
            ingress_cidrs=tuple(cluster.ingress_cidrs or ()),
            tls_secret=cluster.tls_secret,
            route_annotations=cluster.route_annotations or {},
            egress=cluster.egress or "open",
            egress_cidrs=tuple(cluster.egress_cidrs or ()),
        )
