"""The evaluator, on the examples of Kubernetes' own documentation."""

from __future__ import annotations

from typing import Any

from tests.components.platforms.kubernetes.network.evaluator import Address, Cluster, Pod, Port

NAMESPACES = {"default": {"kubernetes.io/metadata.name": "default"}, "other": {"project": "myproject"}}
DB = Pod("default", "db", "10.0.0.1", {"role": "db"}, (Port(6379, "redis"), Port(80)))
FRONTEND = Pod("default", "frontend", "10.0.0.2", {"role": "frontend"})
STRANGER = Pod("default", "stranger", "10.0.0.3")
ELSEWHERE = Pod("other", "frontend", "10.1.0.1", {"role": "frontend"})


def policy(spec: dict[str, Any], namespace: str = "default") -> dict[str, Any]:
    return {"metadata": {"namespace": namespace, "name": "p"}, "spec": spec}


def cluster(*specs: dict[str, Any]) -> Cluster:
    return Cluster(NAMESPACES, [policy(spec) for spec in specs])


TO_DB = {
    "podSelector": {"matchLabels": {"role": "db"}},
    "policyTypes": ["Ingress", "Egress"],
    "ingress": [
        {
            "from": [
                {"ipBlock": {"cidr": "172.17.0.0/16", "except": ["172.17.1.0/24"]}},
                {"namespaceSelector": {"matchLabels": {"project": "myproject"}}},
                {"podSelector": {"matchLabels": {"role": "frontend"}}},
            ],
            "ports": [{"protocol": "TCP", "port": 6379}],
        }
    ],
    "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/24"}}], "ports": [{"protocol": "TCP", "port": 5978}]}],
}


def test_the_example_of_the_documentation() -> None:
    network = cluster(TO_DB)
    for source in (FRONTEND, ELSEWHERE, Address("172.17.0.9"), Address("172.17.2.1")):
        assert network.allows(source, DB, 6379)
        assert not network.allows(source, DB, 80)
        assert not network.allows(source, DB, 6379, "UDP")
    for source in (STRANGER, Address("172.17.1.9"), Address("8.8.8.8")):
        assert not network.allows(source, DB, 6379)
    assert network.allows(DB, Address("10.0.0.77"), 5978)
    assert not network.allows(DB, Address("10.0.1.77"), 5978)
    assert network.allows(STRANGER, FRONTEND, 80)


def test_selectors_in_one_peer_are_both_asked_for() -> None:
    both = {"namespaceSelector": {"matchLabels": {"project": "myproject"}}, "podSelector": {"matchLabels": {"a": "b"}}}
    network = cluster({"podSelector": {}, "ingress": [{"from": [both]}]})
    assert not network.allows(ELSEWHERE, DB, 80)
    assert network.allows(Pod("other", "x", "10.1.0.2", {"a": "b"}), DB, 80)
    assert not network.allows(Pod("default", "x", "10.0.0.9", {"a": "b"}), DB, 80)


def test_a_policy_without_types_closes_what_comes_in_and_with_egress_what_goes_out() -> None:
    assert not cluster({"podSelector": {}}).allows(ELSEWHERE, DB, 80)
    assert cluster({"podSelector": {}}).allows(DB, ELSEWHERE, 80)
    assert not cluster({"podSelector": {}, "egress": []}).allows(DB, ELSEWHERE, 80)


def test_an_empty_rule_lets_everything_in_and_policies_add_up() -> None:
    assert cluster({"podSelector": {}, "ingress": [{}]}).allows(ELSEWHERE, DB, 80)
    assert cluster({"podSelector": {}}, {"podSelector": {}, "ingress": [{}]}).allows(ELSEWHERE, DB, 80)


def test_a_named_port_is_the_receivers() -> None:
    network = cluster({"podSelector": {}, "ingress": [{"ports": [{"port": "redis"}]}]})
    assert network.allows(ELSEWHERE, DB, 6379)
    assert not network.allows(ELSEWHERE, DB, 80)
    out = cluster(
        {"podSelector": {"matchLabels": {"role": "frontend"}}, "egress": [{"ports": [{"port": "redis"}]}]},
    )
    # Without types it closes what comes in to the frontend, too.
    assert out.allows(FRONTEND, DB, 6379)
    assert not out.allows(FRONTEND, DB, 80)


def test_expressions_and_port_ranges() -> None:
    peer = {"podSelector": {"matchExpressions": [{"key": "role", "operator": "In", "values": ["frontend"]}]}}
    none = {"podSelector": {"matchExpressions": [{"key": "role", "operator": "DoesNotExist"}]}}
    other = {"podSelector": {"matchExpressions": [{"key": "role", "operator": "NotIn", "values": ["frontend"]}]}}
    some = {"podSelector": {"matchExpressions": [{"key": "role", "operator": "Exists"}]}}
    callers = [
        [caller.name for caller in (FRONTEND, STRANGER) if network.allows(caller, DB, 80)]
        for each in (peer, none, other, some)
        for network in [
            cluster({"podSelector": {}, "ingress": [{"from": [each], "ports": [{"port": 79, "endPort": 81}]}]})
        ]
    ]
    assert callers == [["frontend"], ["stranger"], ["stranger"], ["frontend"]]
    assert not cluster({"podSelector": {}, "ingress": [{"ports": [{"port": 81, "endPort": 90}]}]}).allows(
        FRONTEND, DB, 80
    )


def test_a_pod_reaches_itself_and_a_node_its_pods_by_address_only() -> None:
    closed = cluster({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})
    assert closed.allows(DB, DB, 80)
    assert not closed.allows(Address("10.9.9.9"), DB, 80)
