"""Network policies as objects: those of a namespace, and those that a workload brings.

Each has a Pulumi name that goes with the name of its object. Otherwise a change could make an object under one Pulumi
name and then delete it under another.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from flyte_runtime import contract

from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.naming import control_planes
from pulumi_flyte.platforms.kubernetes import declared_namespaces
from pulumi_flyte.platforms.kubernetes.cluster_rules import ClusterRules
from pulumi_flyte.platforms.kubernetes.labels import app_labels, shared_labels
from pulumi_flyte.platforms.kubernetes.namespace import namespace_of
from pulumi_flyte.platforms.kubernetes.network import host, policies
from pulumi_flyte.platforms.kubernetes.network.policy import Policy
from pulumi_flyte.platforms.kubernetes.network.surroundings import Surroundings
from pulumi_flyte.platforms.kubernetes.network.task_pods import label_value
from pulumi_flyte.platforms.kubernetes.objects import NETWORK_POLICY, Body, KubernetesObject
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.pairs import LatePair, Pair, Pairs, Peer

# The Pulumi names of an edge's entry and of its exit have these words.
_WAYS = ("calls", "to")


def surroundings_of(settings: Settings) -> Surroundings:
    """Return what policies need to know of an environment."""
    rules = ClusterRules.of(settings)
    endpoint, insecure = settings.container_endpoint
    return Surroundings(
        project=settings.project,
        domain=settings.domain,
        namespace=rules.namespace,
        task_namespace=rules.task_namespace,
        ingress_namespaces=rules.ingress_namespaces,
        ingress_cidrs=rules.ingress_cidrs,
        egress_open=rules.egress == "open",
        egress_cidrs=rules.egress_cidrs,
        flyte_url=control_planes.url(endpoint, insecure=insecure) if endpoint else None,
    )


def declare_namespace_policies(name: str, settings: Settings, opts: pulumi.ResourceOptions) -> None:
    """Declare the policies that a namespace has before any app is in it. `name` is the environment's."""
    labels = shared_labels(settings.project)
    for policy in policies.namespace_policies(surroundings_of(settings)):
        metadata = {"name": policy.name, "namespace": namespace_of(settings), "labels": labels}
        _declare(f"{name}-{policy.name}", metadata, policy.spec(), opts)


def declare_app_policy(app: Peer, settings: Settings, owner: Owner, *, public: bool) -> KubernetesObject:
    """Declare an app's own policy."""
    policy = policies.app_policy(surroundings_of(settings), app.name, public=public)
    metadata = {"name": policy.name, "namespace": namespace_of(settings), "labels": _labels(app)}
    return _declare(owner.name, metadata, policy.spec(), owner.child_options())


def declare_edge_policies(caller: Peer, pairs: Pairs, settings: Settings, owner: Owner) -> list[KubernetesObject]:
    """Declare the entry and the exit of each pair that a workload is the caller of."""
    around = surroundings_of(settings)
    entries_and_exits = [
        _edge_policy(way, pair, policy, settings, owner)
        for pair in pairs.fixed
        for way, policy in zip(_WAYS, policies.edge_policies(around, pair), strict=False)
    ]
    late = [each for pair in pairs.late for each in _late_edge_policies(caller, pair, around, owner)]
    return [*entries_and_exits, *late]


def _edge_policy(way: str, pair: Pair, policy: Policy, settings: Settings, owner: Owner) -> KubernetesObject:
    name, callee_namespace = f"{owner.name}.{way}.{pair.callee.name}", host.namespace_of(pair.url, settings.namespace)
    if callee_namespace != settings.namespace:
        name = f"{name}.{callee_namespace}"
    namespace, waits_for = namespace_of(settings), list[pulumi.Resource]()
    if policy.namespace != settings.namespace:
        namespace, declared = policy.namespace, declared_namespaces.declared().get(policy.namespace)
        waits_for = [] if declared is None else [declared]
    metadata = {"name": policy.name, "namespace": namespace, "labels": _labels(pair.caller)}
    return _declare(name, metadata, policy.spec(), owner.child_options(waits_for))


def _late_edge_policies(caller: Peer, late: LatePair, around: Surroundings, owner: Owner) -> list[KubernetesObject]:
    placeholders = policies.late_edge_policies(around, caller, late.alias, None)
    return [
        _late_edge_policy(way, index, placeholder.name, caller, late, around, owner)
        for index, (way, placeholder) in enumerate(zip(_WAYS, placeholders, strict=False))
    ]


def _late_edge_policy(
    way: str, index: int, name: str, caller: Peer, late: LatePair, around: Surroundings, owner: Owner
) -> KubernetesObject:
    policy = late.pair.apply(lambda pair: policies.late_edge_policies(around, caller, late.alias, pair)[index])
    namespace = policy.apply(lambda each: each.namespace)
    metadata = {"name": name, "namespace": namespace, "labels": _labels(caller)}
    spec = policy.apply(lambda each: each.spec())
    return _declare(f"{owner.name}.{way}-input.{late.alias}", metadata, spec, owner.child_options())


def _labels(workload: Peer) -> Mapping[str, str]:
    """Return the labels of a policy: those of the workload that brings it."""
    name = label_value(workload.name)
    return app_labels(
        contract.Identity(kind=workload.kind, project=workload.project, domain=workload.domain, name=name)
    )


def _declare(
    resource_name: str, metadata: Body, spec: Body | pulumi.Output[Body], opts: pulumi.ResourceOptions
) -> KubernetesObject:
    return KubernetesObject(NETWORK_POLICY, resource_name, metadata, {"spec": spec}, opts)
