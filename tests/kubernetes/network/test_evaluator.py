"""The evaluator says of a cluster what Calico's Felix does to it: of every pair of pods, and of every port."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pulumi_flyte.platforms.kubernetes.network.surroundings import Surroundings

from tests.components.platforms.kubernetes.network.graphs import Graph, Workload, manifest
from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.cluster.home import ADDRESS
from tests.kubernetes.network.probing import (
    METADATA,
    Network,
    apply,
    differences,
    metadata_server,
    namespaces,
    pod_manifest,
    wait_until_ready,
)

# All of them need the one metadata address.
pytestmark = pytest.mark.xdist_group("metadata address")

SEEDS = (1, 2)
# OpenShift's name servers listen there, in a namespace of this name.
DNS_NAMESPACE, DNS_PORT = "openshift-dns", 5353


@pytest.fixture
def name_server(cluster: Cluster) -> Iterator[None]:
    """A pod where OpenShift has its name servers. Its namespace is gone afterwards, since its name is fixed."""
    cluster.kubectl("create", "namespace", DNS_NAMESPACE)
    cluster.wait_for_account(DNS_NAMESPACE)
    apply(cluster, [pod_manifest(DNS_NAMESPACE, "dns", {}, [DNS_PORT])])
    wait_until_ready(cluster, DNS_NAMESPACE)
    yield
    cluster.kubectl("delete", "namespace", DNS_NAMESPACE)


@pytest.fixture
def places(cluster: Cluster) -> Iterator[tuple[Surroundings, ...]]:
    """Two environments, and the namespaces around them."""
    run = uuid.uuid4().hex[:6]
    named = {each: f"policy-{each}-{run}" for each in ("near", "far", "flyte", "ingress", "stranger")}
    near = Surroundings(
        project=f"policy-{run}",
        domain="development",
        namespace=named["near"],
        task_namespace=named["flyte"],
        ingress_namespaces=(named["ingress"],),
        flyte_url=f"http://{ADDRESS}:6443",
    )
    far = replace(near, domain="staging", namespace=named["far"], task_namespace=named["far"], flyte_url=None)
    with namespaces(cluster, *named.values()), metadata_server():
        yield near, replace(far, egress_open=False)


@pytest.mark.usefixtures("name_server")
@pytest.mark.parametrize("seed", SEEDS)
def test_the_evaluator_agrees_with_felix_on_every_probe(
    seed: int, places: tuple[Surroundings, ...], cluster: Cluster
) -> None:
    near, far = places
    draw = random.Random(seed)
    apps = [
        *(Workload("app", 0, f"a{index}") for index in range(8)),
        *(Workload("app", 1, f"b{index}") for index in range(4)),
    ]
    tasks = [Workload("task", 0, "words.count"), Workload("task", 0, "Train"), Workload("task", 1, "words.count")]
    pairs = [(caller, callee) for caller in (*apps, *tasks) for callee in apps]
    graph = Graph(places, (*apps, *tasks), frozenset(draw.sample(pairs, 30)), frozenset(draw.sample(apps, 3)))
    stranger, ingress = near.task_namespace.replace("flyte", "stranger"), near.ingress_namespaces[0]
    pods = [
        *(
            pod_manifest(pod.namespace, f"{each.kind}-{index}", pod.labels)
            for index, (each, pod) in enumerate(graph.pods().items())
        ),
        pod_manifest(stranger, "stranger", {}, [DNS_PORT]),
        pod_manifest(stranger, "namesake", dict(graph.pods()[apps[0]].labels)),
        pod_manifest(ingress, "controller", {"app": "ingress"}),
        pod_manifest(near.namespace, "unmanaged", {"app.kubernetes.io/name": "a0"}),
    ]
    policies = [
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", **manifest(each)} for each in graph.policies()
    ]
    apply(cluster, [*policies, *pods])
    spaces = (near.namespace, far.namespace, near.task_namespace, stranger, ingress, DNS_NAMESPACE)
    for space in spaces:
        wait_until_ready(cluster, space)
    network = Network.of(cluster, *spaces)
    expected = network.evaluated()
    actual = network.settled(expected)
    print(f"{network.probes} probes, {len(actual)} let through")
    assert actual == expected, differences(actual, expected)
    reach_metadata = {source for source, target, _ in actual if target == METADATA}
    assert "stranger" in reach_metadata, "the address answers where no policy hinders"
    assert not [source for source in reach_metadata if source.startswith("app")]
    reach_name_server = {source for source, target, port in actual if (target, port) == ("dns", DNS_PORT)}
    assert reach_name_server == network.pods.keys() - {"dns", "unmanaged"}, "every app reaches OpenShift's name servers"
    assert not [source for source, target, port in actual if target == "dns" and port != DNS_PORT and "app" in source]
    assert network.without_names({"unmanaged"}) == {"unmanaged"}, "apps and tasks have DNS"
