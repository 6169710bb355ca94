"""Network policies as objects: those of a namespace, and those that a workload brings."""

from __future__ import annotations

import pulumi

from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.naming import control_planes
from pulumi_flyte.platforms.kubernetes.cluster_rules import ClusterRules
from pulumi_flyte.platforms.kubernetes.labels import shared_labels
from pulumi_flyte.platforms.kubernetes.namespace import namespace_of
from pulumi_flyte.platforms.kubernetes.network import names, policies
from pulumi_flyte.platforms.kubernetes.network.policy import Policy
from pulumi_flyte.platforms.kubernetes.network.surroundings import Surroundings
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
        egress_open=rules.egress == "open",
        egress_cidrs=rules.egress_cidrs,
        flyte_url=control_planes.url(endpoint, insecure=insecure) if endpoint else None,
    )


def declare_namespace_policies(name: str, settings: Settings, opts: pulumi.ResourceOptions) -> None:
    """Declare the policies that a namespace has before any app is in it. `name` is the environment's."""
    for policy in policies.namespace_policies(surroundings_of(settings)):
        _declare(f"{name}-{policy.name}", policy.name, namespace_of(settings), policy.spec(), settings, opts)


def declare_app_policy(app: str, pairs: Pairs, settings: Settings, owner: Owner, *, public: bool) -> KubernetesObject:
    """Declare an app's own policy."""
    around = surroundings_of(settings)
    policy = policies.app_policy(around, app, pairs.known, public=public)
    spec: Body | pulumi.Output[Body] = policy.spec()
    if pairs.late:
        late = pulumi.Output.all(*(each.pair for each in pairs.late))
        spec = late.apply(lambda known: _app_spec(around, app, [*pairs.known, *filter(None, known)], public=public))
    return _declare(owner.name, policy.name, namespace_of(settings), spec, settings, owner.child_options())


def declare_edge_policies(caller: Peer, pairs: Pairs, settings: Settings, owner: Owner) -> list[KubernetesObject]:
    """Declare a policy for each pair that a workload is the caller of, in the namespace of the app that is called."""
    around = surroundings_of(settings)
    edges = ((pair.callee, policies.edge_policy(around, pair)) for pair in pairs.known)
    known = [_edge(callee, policy, settings, owner) for callee, policy in edges if policy is not None]
    return [*known, *(_late_edge(caller, late, settings, owner) for late in pairs.late)]


def _app_spec(around: Surroundings, app: str, pairs: list[Pair], *, public: bool) -> Body:
    return policies.app_policy(around, app, pairs, public=public).spec()


def _edge(callee: Peer, policy: Policy, settings: Settings, owner: Owner) -> KubernetesObject:
    here = (callee.project, callee.domain) == (settings.project, settings.domain)
    suffix = callee.name if here else f"{callee.project}-{callee.domain}-{callee.name}"
    namespace = namespace_of(settings) if policy.namespace == settings.namespace else policy.namespace
    name = f"{owner.name}-calls-{suffix}"
    return _declare(name, policy.name, namespace, policy.spec(), settings, owner.child_options())


def _late_edge(caller: Peer, late: LatePair, settings: Settings, owner: Owner) -> KubernetesObject:
    around = surroundings_of(settings)
    policy = late.pair.apply(lambda pair: policies.late_edge_policy(around, caller, late.alias, pair))
    name = names.of_late_edge(caller, around.namespace, late.alias)
    namespace, spec = policy.apply(lambda known: known.namespace), policy.apply(lambda known: known.spec())
    resource_name = f"{owner.name}-calls-input-{late.alias}"
    return _declare(resource_name, name, namespace, spec, settings, owner.child_options())


def _declare(
    resource_name: str,
    name: str,
    namespace: pulumi.Input[str],
    spec: Body | pulumi.Output[Body],
    settings: Settings,
    opts: pulumi.ResourceOptions,
) -> KubernetesObject:
    metadata = {"name": name, "namespace": namespace, "labels": shared_labels(settings.project)}
    return KubernetesObject(NETWORK_POLICY, resource_name, {"metadata": metadata, "spec": spec}, opts)
