"""The policies of a random wiring allow exactly the connections that the wiring has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi_flyte.links import AppLink
from pulumi_flyte.naming.metadata_addresses import METADATA
from pulumi_flyte.platforms.kubernetes.network.policies import edge_policies
from pulumi_flyte.platforms.kubernetes.network.surroundings import Surroundings
from pulumi_flyte.wiring.edge import AppEdge
from pulumi_flyte.wiring.pairs import pairs_of

from tests.components.platforms.kubernetes.network.evaluator import Address, Cluster, End, Pod
from tests.components.platforms.kubernetes.network.graphs import (
    DNS,
    FLYTE,
    HTTP,
    INGRESS,
    NAMESAKE,
    OTHER,
    STRANGER,
    Graph,
    Workload,
    graphs,
    manifest,
)

INTERNET, LISTED, PRIVATE, NODE_DNS = (Address(ip) for ip in ("8.8.8.8", "203.0.113.5", "10.1.2.3", "169.254.20.10"))
PUBLIC_V6, PRIVATE_V6 = Address("2606:4700::1111"), Address("fd12::1")
METADATA_ENDS = [Address(cidr.partition("/")[0]) for cidr in METADATA]


@settings(max_examples=300)
@given(graphs(), st.booleans())
def test_the_allowed_pairs_and_ports_are_the_declared_edges(graph: Graph, blocks_match_pods: bool) -> None:
    cluster, pods = graph.cluster(blocks_match_pods=blocks_match_pods), graph.pods()
    for callee in graph.workloads:
        if callee.kind != "app":
            continue
        replica = replace(pods[callee], name=f"{callee.name}-2", ip="10.150.0.1")
        allowed = {
            (name, port)
            for name, source in sources(graph)
            for port in (HTTP, OTHER, DNS)
            if cluster.allows(source, replica, port)
        }
        declared = {(str(caller), HTTP) for caller, to in graph.edges if to == callee}
        if callee in graph.public and graph.places[callee.place].ingress_namespaces:
            declared.add((INGRESS.name, HTTP))
        assert allowed == declared, f"{callee}: extra {allowed - declared}, missing {declared - allowed}"


def sources(graph: Graph) -> Iterator[tuple[str, End]]:
    """Yield all that might call: the workloads, the ingress controller, strangers, and pods that look like apps."""
    pods = graph.pods()
    for workload, pod in pods.items():
        yield str(workload), pod
        if workload.kind == "app":
            yield "namesake", replace(pod, namespace=NAMESAKE, ip="10.151.0.1")
            yield "unmanaged", replace(pod, labels={"app.kubernetes.io/name": workload.name}, ip="10.151.0.2")
        else:
            labels = {**pod.labels, "task-name": "another"}
            yield "another task", replace(pod, labels=labels, ip="10.151.0.3")
            yield "another project's task", replace(pod, labels={**pod.labels, "project": "x"}, ip="10.151.0.4")
            yield "task in another namespace", replace(pod, namespace=NAMESAKE, ip="10.151.0.5")
    yield from ((pod.name, pod) for pod in (FLYTE, INGRESS, STRANGER))
    yield from ((each.ip, each) for each in (INTERNET, PRIVATE, *METADATA_ENDS))


@settings(max_examples=300)
@given(graphs(), st.booleans())
def test_what_leaves_an_app_is_what_its_environment_says(graph: Graph, blocks_match_pods: bool) -> None:
    cluster, pods = graph.cluster(blocks_match_pods=blocks_match_pods), graph.pods()
    for caller in graph.workloads:
        if caller.kind != "app":
            continue
        around, pod = graph.places[caller.place], pods[caller]
        url, is_open = around.flyte_url or "", around.egress_open

        def reaches(end: End, port: int = 443, protocol: str = "TCP", pod: Pod = pod) -> bool:
            return cluster.allows(pod, end, port, protocol)

        nobody = replace(pod, name="nobody", labels={}, ip="10.151.0.6")
        assert not any(
            reaches(end, port, pod=nobody) for end in (INTERNET, FLYTE, NODE_DNS) for port in (443, 8090, DNS)
        )
        assert not any(reaches(end, port) for end in METADATA_ENDS for port in (80, 443, DNS))
        assert not any(reaches(end, DNS, "UDP") for end in METADATA_ENDS)
        assert reaches(NODE_DNS, DNS, "UDP")
        assert reaches(PRIVATE, DNS, "UDP")
        assert reaches(STRANGER, DNS, "UDP")
        assert not any(reaches(end, port) for end in (STRANGER, INGRESS, PRIVATE, PRIVATE_V6) for port in (HTTP, OTHER))
        assert reaches(INTERNET) == reaches(PUBLIC_V6) == is_open
        assert reaches(INTERNET, DNS, "UDP") == is_open
        assert reaches(LISTED) == (is_open or "203.0.113.0/24" in around.egress_cidrs)
        assert reaches(Address("10.88.0.1"), 8090) == ("10.88.0.1" in url)
        assert not reaches(Address("10.88.0.1"), 8091)
        assert reaches(FLYTE, 8090) == (".svc." in url)
        assert not reaches(FLYTE, 9000)


@given(graphs())
def test_task_pods_reach_all_but_the_metadata_address(graph: Graph) -> None:
    """Those in a namespace of Flyte's own are Flyte's affair."""
    cluster = graph.cluster()
    for workload, pod in graph.pods().items():
        if workload.kind == "task":
            at_home = pod.namespace == graph.places[workload.place].namespace
            for end in (INTERNET, PRIVATE, FLYTE, STRANGER):
                assert cluster.allows(pod, end, 443)
            assert cluster.allows(pod, METADATA_ENDS[0], 80) != at_home
            assert cluster.allows(STRANGER, pod, HTTP) != at_home


@given(graphs())
def test_no_two_policies_of_a_namespace_have_one_name(graph: Graph) -> None:
    policies = list(graph.policies())
    assert len({(policy.namespace, policy.name) for policy in policies}) == len(policies)
    for policy in policies:
        labels = policy.name.split(".")
        assert len(policy.name) <= 253
        assert all(re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", label) for label in labels), policy.name


@settings(max_examples=10)
@given(graphs(), st.data())
def test_an_edit_of_an_edge_changes_no_policy_of_another(graph: Graph, data: st.DataObject) -> None:
    apps = [each for each in graph.workloads if each.kind == "app"]
    for _ in range(20):
        caller, callee = data.draw(st.sampled_from(graph.workloads)), data.draw(st.sampled_from(apps))
        edited = replace(graph, edges=graph.edges ^ {(caller, callee)})
        before, after = ({(p.namespace, p.name): p for p in each.policies()} for each in (graph, edited))
        assert len(before.keys() ^ after.keys()) == (2 if caller.kind == "app" else 1)
        assert all(before[key] == after[key] for key in before.keys() & after.keys())
        reached = edited.cluster().allows(edited.pods()[caller], replica_of(edited, callee), HTTP)
        assert reached == ((caller, callee) in edited.edges)
        graph = edited


def replica_of(graph: Graph, app: Workload) -> Pod:
    return replace(graph.pods()[app], name="another", ip="10.150.0.1")


@given(graphs())
def test_every_exception_of_a_range_is_strictly_inside_of_it(graph: Graph) -> None:
    """The evaluator refuses others, as the API does, once it meets them."""
    cluster = Cluster({}, [manifest(policy) for policy in graph.policies()])
    for policy in cluster.policies:
        for rule in policy["spec"].get("egress", ()):
            assert rule["to"], "a rule without peers lets everything through"
        for rule in policy["spec"].get("ingress", ()):
            assert rule["from"], "a rule without peers lets everything through"


def test_the_tasks_that_a_caller_starts_are_let_in_with_it() -> None:
    around = Surroundings(project="shop", domain="staging", namespace="apps", task_namespace="flyte")
    graph = Graph((around,), (api := Workload("app", 0, "api"), root := Workload("task", 0, "root")), frozenset())
    link = AppLink("shop", "staging", "api", "http://api.apps.svc.cluster.local")
    [pair] = pairs_of(graph.peer(root), [AppEdge(alias="api", link=link, stored="")], starts=["root.child"]).fixed
    policies = [manifest(each) for each in (*graph.policies(), *edge_policies(around, pair))]
    cluster, pods = replace(graph.cluster(), policies=policies), graph.pods()
    child = replace(pods[root], name="child", labels={**pods[root].labels, "task-name": "root.child"})
    stranger = replace(child, labels={**child.labels, "task-name": "root.other"})
    assert [cluster.allows(each, pods[api], HTTP) for each in (pods[root], child, stranger)] == [True, True, False]


@pytest.mark.parametrize("kind", ["app", "task"])
def test_a_graph_has_both_kinds(kind: str) -> None:
    """A test of the tests: what is drawn has callers of both kinds and calls across namespaces."""
    seen: set[bool] = set()

    @settings(max_examples=100, database=None)
    @given(graphs())
    def look(graph: Graph) -> None:
        seen.update(caller.place != callee.place for caller, callee in graph.edges if caller.kind == kind)

    look()
    assert seen == {True, False}
