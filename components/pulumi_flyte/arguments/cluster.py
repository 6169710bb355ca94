"""`Cluster`: the namespace of an Environment on `kubernetes`, and who reaches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, TypeAlias, TypedDict, get_args

import pulumi
from pydantic import Strict

from pulumi_flyte.arguments.cluster_values import Annotations, Names, Namespace, ObjectName
from pulumi_flyte.arguments.declaration import Declaration, Property, values_of
from pulumi_flyte.arguments.pod_security import PodSecurity
from pulumi_flyte.arguments.refusal import Expected, rule, sequence
from pulumi_flyte.arguments.values import Flag, PlainText
from pulumi_flyte.naming import cluster_names

Egress: TypeAlias = Literal["open", "declared"]

_POD_SECURITY = f"expected one of {', '.join(get_args(PodSecurity))}"
_EGRESS = "expected open (public addresses may be called) or declared (only what is wired may be called)"

HostPattern = Annotated[PlainText, rule(cluster_names.host_pattern_problem)]
GatewayName = Annotated[PlainText, rule(cluster_names.gateway_problem)]
_CIDR = Annotated[str, Strict(), Expected("expected a plain string")]
_CIDRS = sequence('expected a list of CIDRs, such as ["10.20.0.0/16"]')
IngressCidrs = Annotated[Sequence[Annotated[_CIDR, rule(cluster_names.cidr_problem)]], _CIDRS]
EgressCidrs = Annotated[Sequence[Annotated[_CIDR, rule(cluster_names.egress_cidr_problem)]], _CIDRS]

# The settings that the stack configuration may say too.
OF_STACK = ("ingress_host", "ingress_class", "gateway", "egress")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Cluster(Declaration):
    """The namespace that apps run in on the platform `kubernetes`: what it enforces, and who reaches it from outside.

    ingress_host, ingress_class, gateway and egress fall back to the stack configuration `flyte:<name in camelCase>`.
    """

    expected: ClassVar[str] = 'expected a mapping such as {"ingress_host": "{app}.example.com"}'

    create_namespace: Annotated[
        Flag | None,
        Property("Whether the Environment makes the namespace. False takes one that others keep.", default=True),
    ] = None
    pod_security: Annotated[
        PodSecurity | None,
        Expected(_POD_SECURITY),
        Property("The Pod Security Standard that the namespace enforces.", default="restricted"),
    ] = None
    ingress_host: Annotated[
        HostPattern | None,
        Property(
            "The host names of public apps, such as `{app}.example.com`. Placeholders are `{app}`, which it must have,"
            " `{project}`, `{domain}` and `{namespace}`."
        ),
    ] = None
    ingress_class: Annotated[ObjectName | None, Property("The class of Ingresses, by default the cluster's own.")] = (
        None
    )
    gateway: Annotated[
        GatewayName | None,
        Property("A Gateway, as `namespace/name`: public apps get an HTTPRoute of it instead of an Ingress."),
    ] = None
    ingress_namespaces: Annotated[
        Names | None,
        Property(
            "The namespaces of the pods that bring in requests from outside, by default that of `gateway`, or"
            " `ingress-nginx`. Only public apps let them in."
        ),
    ] = None
    ingress_cidrs: Annotated[
        IngressCidrs | None,
        Property(
            "Ranges of addresses from which requests come in from outside, such as those of a cloud's load balancer."
            " Only public apps let them in."
        ),
    ] = None
    tls_secret: Annotated[
        ObjectName | None,
        Property("The Secret with the certificate of the Ingresses, by default the controller's own certificate."),
    ] = None
    route_annotations: Annotated[
        Annotations | None, Property("Annotations of each Ingress or HTTPRoute, such as those of cert-manager.")
    ] = None
    egress: Annotated[
        Egress | None,
        Expected(_EGRESS),
        Property(
            "What apps may call besides what is wired: `open` lets them call every public address, `declared` none.",
            default="open",
        ),
    ] = None
    egress_cidrs: Annotated[
        EgressCidrs | None,
        Property("Ranges of addresses that every app may call besides, such as a database's: `10.20.0.0/16`."),
    ] = None
    task_namespace: Annotated[
        Namespace | None,
        Property("The namespace where Flyte runs the pods of tasks.", default="flyte"),
    ] = None

    def over(self, defaults: Cluster) -> Cluster:
        """Return these values over those of `defaults`."""
        return Cluster(**{**values_of(defaults), **values_of(self)})


class ClusterDict(TypedDict, total=False):
    """`Cluster` as a mapping."""

    create_namespace: bool | None
    pod_security: PodSecurity | None
    ingress_host: str | None
    ingress_class: str | None
    gateway: str | None
    ingress_namespaces: Sequence[str] | None
    ingress_cidrs: Sequence[str] | None
    tls_secret: str | None
    route_annotations: Mapping[str, str | pulumi.Output[str]] | None
    egress: Egress | None
    egress_cidrs: Sequence[str] | None
    task_namespace: str | None
