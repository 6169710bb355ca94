"""The policies of a namespace, of an app and of an edge. Pure.

    default-deny      closes the namespace, in both directions
    an app's policy   opens what leaves every app (DNS, Flyte's API, the internet or listed ranges), and its port for
                      the ingress controller if the app is public
    an edge's entry   opens the callee's port for the caller. It is in the callee's namespace, and the caller declares
                      it, since a callee is declared before its callers, perhaps in another program
    an edge's exit    opens the way from the caller's pods to that port, in the caller's namespace

The policies of an edge are objects of their own. So they are made before the caller gets its new wiring, and deleted
after the pods that still have the old one.

Nothing is here for probes: a node always reaches its own pods (Kubernetes: "Network Policies", pod isolation).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pulumi_flyte.naming.metadata_addresses import is_metadata
from pulumi_flyte.platforms.kubernetes.network import addresses, names
from pulumi_flyte.platforms.kubernetes.network.app_pods import labels_of_app
from pulumi_flyte.platforms.kubernetes.network.host import AddressHost, ClusterHost, host_of, namespace_of
from pulumi_flyte.platforms.kubernetes.network.policy import Addresses, Pods, Policy, Port, Rule
from pulumi_flyte.platforms.kubernetes.network.surroundings import Surroundings
from pulumi_flyte.platforms.kubernetes.network.task_pods import labels_of_all, labels_of_task
from pulumi_flyte.wiring.pairs import SERVING_PORT, Pair, Peer

DNS_PORTS = (Port(53, "UDP"), Port(53))
# OpenShift's name servers listen on another port, and policies see the port of pods.
_OPENSHIFT_DNS = Rule((Pods("openshift-dns"),), (Port(5353, "UDP"), Port(5353)))


def namespace_policies(around: Surroundings) -> tuple[Policy, ...]:
    """Return the policies that a namespace has before any app is in it."""
    default_deny = Policy(name=names.DEFAULT_DENY, namespace=around.namespace, ingress=(), egress=())
    if around.task_namespace != around.namespace:
        return (default_deny,)
    return default_deny, _flyte_tasks(around)


def app_policy(around: Surroundings, app: str, *, public: bool) -> Policy:
    """Return an app's own policy."""
    return Policy(
        name=names.of_app(app),
        namespace=around.namespace,
        pods=labels_of_app(app),
        ingress=tuple(_from_ingress_controller(around)) if public else (),
        egress=(_dns(), _OPENSHIFT_DNS, *_to_flyte(around), *_to_outside(around)),
    )


def edge_policies(around: Surroundings, pair: Pair) -> tuple[Policy, ...]:
    """Return the entry and the exit of a pair, or none if the callee is in no namespace of the cluster.

    `around` are the caller's surroundings. A task has no exit, as nothing closes the pods of tasks.
    """
    namespace = namespace_of(pair.url, around.namespace)
    if namespace is None:
        return ()
    ends = (pair.caller, around.namespace, pair.callee.name, namespace)
    entry = _entry(around, pair, names.of_entry(*ends), namespace)
    if pair.caller.kind == "task":
        return (entry,)
    return entry, _exit(around, pair, names.of_exit(*ends), namespace)


def late_edge_policies(around: Surroundings, caller: Peer, alias: str, pair: Pair | None) -> tuple[Policy, ...]:
    """Return the entry and the exit of an edge that has an Output, once that is known.

    The policies were declared before. If the edge turns out to lead to no app, they open nothing.
    """
    entry, way_out = (name_of(caller, around.namespace, alias) for name_of in (names.of_late_entry, names.of_late_exit))
    namespace = None if pair is None else namespace_of(pair.url, around.namespace)
    if pair is None or namespace is None:
        # It selects the caller's own pods, if any, which are closed already: without labels it would close all pods.
        closed = Policy(name=entry, namespace=around.namespace, pods=labels_of_app(caller.name), ingress=())
        policies = (closed, replace(closed, name=way_out))
    else:
        policies = (_entry(around, pair, entry, namespace), _exit(around, pair, way_out, namespace))
    return policies[:1] if caller.kind == "task" else policies


def _entry(around: Surroundings, pair: Pair, name: str, namespace: str) -> Policy:
    callers = (pair.caller, *pair.started)
    admitted = Rule(tuple(_pods_of(caller, around) for caller in callers), (Port(pair.port),))
    return Policy(name=name, namespace=namespace, pods=labels_of_app(pair.callee.name), ingress=(admitted,))


def _exit(around: Surroundings, pair: Pair, name: str, namespace: str) -> Policy:
    callee = Rule((Pods(namespace, labels_of_app(pair.callee.name)),), (Port(pair.port),))
    return Policy(name=name, namespace=around.namespace, pods=labels_of_app(pair.caller.name), egress=(callee,))


def _pods_of(caller: Peer, around: Surroundings) -> Pods:
    if caller.kind == "task":
        return Pods(around.task_namespace, labels_of_task(caller.project, caller.domain, caller.name))
    return Pods(around.namespace, labels_of_app(caller.name))


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
