"""Network policies as objects: those of a namespace, and those that a workload brings.

Each has a Pulumi name that goes with the name of its object. Otherwise a change could make an object under one Pulumi
name and then delete it under another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from flyte_runtime import contract

from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.naming import control_planes
from pulumi_flyte.platforms.kubernetes import declared_namespaces
from pulumi_flyte.platforms.kubernetes.cluster_rules import ClusterRules
from pulumi_flyte.platforms.kubernetes.labels import app_labels, shared_labels
from pulumi_flyte.platforms.kubernetes.namespace import namespace_of
from pulumi_flyte.platforms.kubernetes.network import names, policies
from pulumi_flyte.platforms.kubernetes.network.policy import Policy
from pulumi_flyte.platforms.kubernetes.network.surroundings import Surroundings
from pulumi_flyte.platforms.kubernetes.network.task_pods import label_value
from pulumi_flyte.platforms.kubernetes.objects import NETWORK_POLICY, Body, KubernetesObject
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.pairs import LatePair, Pair, Pairs, Peer


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


def declare_app_policy(app: Peer, pairs: Pairs, settings: Settings, owner: Owner, *, public: bool) -> KubernetesObject:
    """Declare an app's own policy."""
    around = surroundings_of(settings)
    spec: Body | pulumi.Output[Body]
    if pairs.late:
        late = pulumi.Output.all(*(each.pair for each in pairs.late))
        spec = late.apply(lambda known: _app_spec(around, app, [*pairs.known, *filter(None, known)], public=public))
    else:
        spec = _app_spec(around, app, pairs.known, public=public)
    metadata = {"name": names.of_app(app.name), "namespace": namespace_of(settings), "labels": _labels(app)}
    return _declare(owner.name, metadata, spec, owner.child_options())


def declare_edge_policies(caller: Peer, pairs: Pairs, settings: Settings, owner: Owner) -> list[KubernetesObject]:
    """Declare a policy for each pair that a workload is the caller of, in the namespace of the app that is called."""
    around = surroundings_of(settings)
    edges = [(pair, policy) for pair in pairs.known if (policy := policies.edge_policy(around, pair)) is not None]
    known = [_edge(pair, policy, settings, owner) for pair, policy in edges]
    return [*known, *(_late_edge(caller, late, around, owner) for late in pairs.late)]


def _app_spec(around: Surroundings, app: Peer, pairs: Sequence[Pair], *, public: bool) -> Body:
    return policies.app_policy(around, app.name, pairs, public=public).spec()


def _edge(pair: Pair, policy: Policy, settings: Settings, owner: Owner) -> KubernetesObject:
    name, namespace = f"{owner.name}.calls.{pair.callee.name}", namespace_of(settings)
    waits_for: list[pulumi.Resource] = []
    if policy.namespace != settings.namespace:
        name, namespace = f"{name}.{policy.namespace}", policy.namespace
        declared = declared_namespaces.declared().get(policy.namespace)
        waits_for = [] if declared is None else [declared]
    metadata = {"name": policy.name, "namespace": namespace, "labels": _labels(pair.caller)}
    return _declare(name, metadata, policy.spec(), owner.child_options(waits_for))


def _late_edge(caller: Peer, late: LatePair, around: Surroundings, owner: Owner) -> KubernetesObject:
    policy = late.pair.apply(lambda pair: policies.late_edge_policy(around, caller, late.alias, pair))
    metadata = {
        "name": names.of_late_edge(caller, around.namespace, late.alias),
        "namespace": policy.apply(lambda known: known.namespace),
        "labels": _labels(caller),
    }
    spec = policy.apply(lambda known: known.spec())
    return _declare(f"{owner.name}.calls-input.{late.alias}", metadata, spec, owner.child_options())


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
