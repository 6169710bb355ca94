"""The policies of a namespace, of an app and of an edge. Pure.

    default-deny      closes the namespace, in both directions
    an app's policy   opens what leaves it (DNS, Flyte's API, its callees, the internet or listed ranges), and its port
                      for the ingress controller if the app is public
    an edge's policy  opens the callee's port for the caller. It is in the callee's namespace, and the caller declares
                      it, since a callee is declared before its callers, perhaps in another program

Nothing is here for probes: a node always reaches its own pods (Kubernetes: "Network Policies", pod isolation).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pulumi_flyte.naming.metadata_addresses import is_metadata
from pulumi_flyte.platforms.kubernetes.network import addresses, names
from pulumi_flyte.platforms.kubernetes.network.app_pods import labels_of_app
from pulumi_flyte.platforms.kubernetes.network.host import AddressHost, ClusterHost, host_of, namespace_of
from pulumi_flyte.platforms.kubernetes.network.policy import Addresses, Pods, Policy, Port, Rule
from pulumi_flyte.platforms.kubernetes.network.surroundings import Surroundings
from pulumi_flyte.platforms.kubernetes.network.task_pods import labels_of_all, labels_of_task
from pulumi_flyte.wiring.pairs import SERVING_PORT, Pair, Peer

DNS_PORTS = (Port(53, "UDP"), Port(53))


def namespace_policies(around: Surroundings) -> tuple[Policy, ...]:
    """Return the policies that a namespace has before any app is in it."""
    default_deny = Policy(name=names.DEFAULT_DENY, namespace=around.namespace, ingress=(), egress=())
    if around.task_namespace != around.namespace:
        return (default_deny,)
    return default_deny, _flyte_tasks(around)


def app_policy(around: Surroundings, app: str, pairs: Iterable[Pair], *, public: bool) -> Policy:
    """Return an app's own policy. `pairs` are those that it is the caller of."""
    callees = sorted({(namespace, pair.callee.name, pair.port) for pair, namespace in _in_cluster(around, pairs)})
    to_callees = (Rule((Pods(namespace, labels_of_app(name)),), (Port(port),)) for namespace, name, port in callees)
    return Policy(
        name=names.of_app(app),
        namespace=around.namespace,
        pods=labels_of_app(app),
        ingress=tuple(_from_ingress_controller(around)) if public else (),
        egress=(_dns(), *_to_flyte(around), *to_callees, *_to_outside(around)),
    )


def edge_policy(around: Surroundings, pair: Pair) -> Policy | None:
    """Return the policy that lets in the caller of a pair, or None if the callee is in no namespace of the cluster.

    `around` are the caller's surroundings.
    """
    namespace = namespace_of(pair.url, around.namespace)
    if namespace is None:
        return None
    name = names.of_edge(pair.caller, around.namespace, pair.callee.name, namespace)
    return _admission(around, pair, name, namespace)


def late_edge_policy(around: Surroundings, caller: Peer, alias: str, pair: Pair | None) -> Policy:
    """Return the policy of an edge that has an Output, once that is known.

    The policy was declared before. If the edge turns out to lead to no app, it opens nothing.
    """
    name = names.of_late_edge(caller, around.namespace, alias)
    namespace = None if pair is None else namespace_of(pair.url, around.namespace)
    if pair is None or namespace is None:
        return Policy(name=name, namespace=around.namespace, ingress=())
    return _admission(around, pair, name, namespace)


def _admission(around: Surroundings, pair: Pair, name: str, namespace: str) -> Policy:
    callers = (pair.caller, *pair.started)
    admitted = Rule(tuple(_pods_of(caller, around) for caller in callers), (Port(pair.port),))
    return Policy(name=name, namespace=namespace, pods=labels_of_app(pair.callee.name), ingress=(admitted,))


def _pods_of(caller: Peer, around: Surroundings) -> Pods:
    if caller.kind == "task":
        return Pods(around.task_namespace, labels_of_task(caller.project, caller.domain, caller.name))
    return Pods(around.namespace, labels_of_app(caller.name))


def _in_cluster(around: Surroundings, pairs: Iterable[Pair]) -> Iterator[tuple[Pair, str]]:
    for pair in pairs:
        namespace = namespace_of(pair.url, around.namespace)
        if namespace is not None:
            yield pair, namespace


def _from_ingress_controller(around: Surroundings) -> Iterator[Rule]:
    peers: list[Pods | Addresses] = [Pods(namespace) for namespace in around.ingress_namespaces]
    peers += addresses.listed(around.ingress_cidrs)
    if peers:  # a rule without peers would let in everybody
        yield Rule(tuple(peers), (Port(SERVING_PORT),))


def _dns() -> Rule:
    """Return the rule for name servers: those among the cluster's pods, and those on its nodes."""
    return Rule((Pods(), *addresses.dns_servers()), DNS_PORTS)


def _to_flyte(around: Surroundings) -> Iterator[Rule]:
    host = None if around.flyte_url is None else host_of(around.flyte_url, around.namespace)
    if isinstance(host, ClusterHost):
        yield Rule((Pods(host.namespace),), (Port(host.port),))
    elif isinstance(host, AddressHost) and not is_metadata(host.cidr):
        yield Rule((addresses.reachable(host.cidr),), (Port(host.port),))


def _to_outside(around: Surroundings) -> Iterator[Rule]:
    if around.egress_open:
        yield Rule(addresses.internet())
    ranges = addresses.listed(around.egress_cidrs)
    if ranges:
        yield Rule(ranges)


def _flyte_tasks(around: Surroundings) -> Policy:
    """Return the policy of task pods that share the namespace of apps. Flyte alone knows what they need: its API, its
    object store, the other pods of a distributed task. They reach all but the metadata addresses."""
    tasks = labels_of_all(around.project, around.domain)
    return Policy(
        name=names.FLYTE_TASKS,
        namespace=around.namespace,
        pods=tasks,
        ingress=(Rule((Pods(around.namespace, tasks),)),),
        egress=(Rule((Pods(), *addresses.anywhere())),),
    )
