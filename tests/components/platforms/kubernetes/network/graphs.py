"""Random wirings: apps in several namespaces, tasks, and strangers, with the policies that they get and the pods that a
cluster would have of them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from pulumi_flyte.links import AppLink
from pulumi_flyte.platforms.kubernetes.network.policies import app_policy, edge_policies, namespace_policies
from pulumi_flyte.platforms.kubernetes.network.policy import NAMESPACE_LABEL, Policy
from pulumi_flyte.platforms.kubernetes.network.surroundings import Surroundings
from pulumi_flyte.wiring.edge import AppEdge
from pulumi_flyte.wiring.pairs import Pairs, Peer, pairs_of

from tests.components.platforms.kubernetes.network.evaluator import Cluster, Pod, Port

HTTP, OTHER, DNS = 8080, 9000, 53
FLYTE = Pod("flyte", "api", "10.200.0.1", {"app": "flyte"}, (Port(8090, "http"), Port(9000)))
INGRESS = Pod("ingress-nginx", "controller", "10.200.0.2", {"app": "ingress"}, (Port(HTTP, "http"),))
STRANGER = Pod("stranger", "stranger", "10.200.0.3", {}, (Port(HTTP, "http"), Port(OTHER)))
# A pod that somebody made with an app's name, in a namespace of its own.
NAMESAKE = "namesake"


@dataclass(frozen=True)
class Workload:
    """An app or a task. `place` is the number of its environment."""

    kind: Any
    place: int
    name: str


@dataclass(frozen=True)
class Graph:
    """edges: from a caller to an app. public: the apps with a public route."""

    places: tuple[Surroundings, ...]
    workloads: tuple[Workload, ...]
    edges: frozenset[tuple[Workload, Workload]]
    public: frozenset[Workload] = frozenset()

    def pairs(self, caller: Workload) -> Pairs:
        links = [self._link(callee) for source, callee in sorted(self.edges, key=str) if source == caller]
        edges = [AppEdge(alias=f"a{index}", link=link, stored="") for index, link in enumerate(links)]
        return pairs_of(self.peer(caller), edges)

    def peer(self, workload: Workload) -> Peer:
        around = self.places[workload.place]
        return Peer(workload.kind, around.project, around.domain, workload.name)

    def policies(self) -> Iterator[Policy]:
        for around in self.places:
            yield from namespace_policies(around)
        for workload in self.workloads:
            yield from self.policies_of(workload)

    def policies_of(self, workload: Workload) -> Iterator[Policy]:
        around, pairs = self.places[workload.place], self.pairs(workload)
        if workload.kind == "app":
            yield app_policy(around, workload.name, public=workload in self.public)
        for pair in pairs.fixed:
            yield from edge_policies(around, pair)

    def pods(self) -> dict[Workload, Pod]:
        return {each: self._pod(each, index) for index, each in enumerate(self.workloads)}

    def cluster(self, *, blocks_match_pods: bool = True) -> Cluster:
        names = {around.namespace for around in self.places} | {around.task_namespace for around in self.places}
        names |= {pod.namespace for pod in (FLYTE, INGRESS, STRANGER)} | {NAMESAKE}
        namespaces = {name: {NAMESPACE_LABEL: name} for name in names}
        return Cluster(namespaces, [manifest(policy) for policy in self.policies()], blocks_match_pods)

    def _link(self, app: Workload) -> AppLink:
        around = self.places[app.place]
        url = f"http://{app.name}.{around.namespace}.svc.cluster.local"
        return AppLink(around.project, around.domain, app.name, url)

    def _pod(self, workload: Workload, index: int) -> Pod:
        around = self.places[workload.place]
        ip = str(ipaddress.ip_address("10.100.0.1") + index)
        ports = (Port(HTTP, "http"), Port(OTHER))
        if workload.kind == "app":
            labels = {"app.kubernetes.io/name": workload.name, "app.kubernetes.io/managed-by": "pulumi-flyte"}
            return Pod(around.namespace, workload.name, ip, labels, ports)
        labels = {"project": around.project, "domain": around.domain, "task-name": workload.name}
        labels |= {"flyte.org/managed": "true", "run": f"r{index}"}
        return Pod(around.task_namespace, f"run-{index}", ip, labels, ports)


def manifest(policy: Policy) -> dict[str, Any]:
    return {"metadata": {"name": policy.name, "namespace": policy.namespace}, "spec": policy.spec()}


NAMES = ("a", "b", "web", "api", "model", "calls", "app", "default-deny", "x-calls-y", "y", "x", "web-app")


@st.composite
def surroundings(draw: st.DrawFn, index: int) -> Surroundings:
    domain = ("development", "staging", "production")[index]
    namespace = f"shop-{domain}"
    return Surroundings(
        project="shop",
        domain=domain,
        namespace=namespace,
        task_namespace=draw(st.sampled_from(["flyte", namespace, "tasks"])),
        ingress_namespaces=draw(st.sampled_from([("ingress-nginx",), ()])),
        ingress_cidrs=draw(st.sampled_from([(), ("198.51.100.0/24",)])),
        egress_open=draw(st.booleans()),
        egress_cidrs=draw(st.sampled_from([(), ("203.0.113.0/24",), ("169.254.0.0/16", "169.254.169.254/32")])),
        flyte_url=draw(
            st.sampled_from(
                [None, "http://10.88.0.1:8090", "http://api.flyte.svc.cluster.local:8090", "https://f.test"]
            )
        ),
    )


@st.composite
def graphs(draw: st.DrawFn, *, apps: int = 12, tasks: int = 3) -> Graph:
    places = tuple(draw(surroundings(index)) for index in range(draw(st.integers(1, 3))))
    place = st.integers(0, len(places) - 1)
    app = st.builds(Workload, st.just("app"), place, st.sampled_from(NAMES))
    task = st.builds(Workload, st.just("task"), place, st.sampled_from(["words.count", "Train", "x"]))
    callees = draw(st.lists(app, min_size=1, max_size=apps, unique=True))
    workloads = [*callees, *draw(st.lists(task, max_size=tasks, unique=True))]
    ends = st.tuples(st.sampled_from(workloads), st.sampled_from(callees))
    edges = draw(st.frozensets(ends, max_size=3 * len(workloads)))
    return Graph(places, tuple(workloads), edges, draw(st.frozensets(st.sampled_from(callees), max_size=4)))
