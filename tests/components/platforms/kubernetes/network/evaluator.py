"""A model of a cluster that allows connections as its NetworkPolicies do (the API `networking.k8s.io/v1`).

It follows the reference, and imports nothing from this project.

    https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
    https://kubernetes.io/docs/concepts/services-networking/network-policies/

The tests on a real cluster compare it with Calico's Felix.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

Manifest = Mapping[str, Any]


@dataclass(frozen=True)
class Port:
    number: int
    name: str | None = None
    protocol: str = "TCP"


@dataclass(frozen=True)
class Pod:
    namespace: str
    name: str
    ip: str
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[Port, ...] = ()

    def __hash__(self) -> int:
        return hash((self.namespace, self.name))


@dataclass(frozen=True)
class Address:
    """An end of traffic that is no pod: an address outside of the cluster, or of a node."""

    ip: str


End = Pod | Address


@dataclass(frozen=True)
class Cluster:
    """namespaces: the labels of each, by name. blocks_match_pods: whether an `ipBlock` also matches the addresses of
    pods, as Calico has it and Cilium has not; the API leaves it open."""

    namespaces: Mapping[str, Mapping[str, str]]
    policies: Sequence[Manifest]
    blocks_match_pods: bool = True

    def allows(self, source: End, destination: End, number: int, protocol: str = "TCP") -> bool:
        """Return whether a connection to this port is allowed, by the source's policies and by the destination's."""
        if source == destination:
            return True
        return self._leaves(source, destination, number, protocol) and self._enters(
            source, destination, number, protocol
        )

    def _leaves(self, source: End, destination: End, number: int, protocol: str) -> bool:
        if not isinstance(source, Pod):
            return True
        policies = list(self._isolating(source, "Egress"))
        return not policies or any(
            self._rule_matches(rule, rule.get("to"), policy, destination, destination, number, protocol)
            for policy in policies
            for rule in policy["spec"].get("egress") or ()
        )

    def _enters(self, source: End, destination: End, number: int, protocol: str) -> bool:
        if not isinstance(destination, Pod):
            return True
        policies = list(self._isolating(destination, "Ingress"))
        return not policies or any(
            self._rule_matches(rule, rule.get("from"), policy, source, destination, number, protocol)
            for policy in policies
            for rule in policy["spec"].get("ingress") or ()
        )

    def _isolating(self, pod: Pod, direction: str) -> Iterable[Manifest]:
        for policy in self.policies:
            spec = policy["spec"]
            types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if "egress" in spec else [])]
            if (
                direction in types
                and policy["metadata"]["namespace"] == pod.namespace
                and _selects(spec.get("podSelector") or {}, pod.labels)
            ):
                yield policy

    def _rule_matches(
        self,
        rule: Manifest,
        peers: Sequence[Manifest] | None,
        policy: Manifest,
        other: End,
        receiver: End,
        number: int,
        protocol: str,
    ) -> bool:
        if peers and not any(self._is_peer(peer, policy["metadata"]["namespace"], other) for peer in peers):
            return False
        ports = rule.get("ports")
        return not ports or any(_is_port(port, receiver, number, protocol) for port in ports)

    def _is_peer(self, peer: Manifest, policy_namespace: str, end: End) -> bool:
        block = peer.get("ipBlock")
        if block is not None:
            assert len(peer) == 1, "the API refuses an ipBlock beside a selector"
            return (self.blocks_match_pods or not isinstance(end, Pod)) and _in_block(block, end.ip)
        if not isinstance(end, Pod):
            return False
        namespaces, pods = peer.get("namespaceSelector"), peer.get("podSelector")
        assert namespaces is not None or pods is not None, "the API refuses an empty peer"
        if namespaces is None:
            in_namespace = end.namespace == policy_namespace
        else:
            in_namespace = _selects(namespaces, self.namespaces[end.namespace])
        return in_namespace and (pods is None or _selects(pods, end.labels))


def _selects(selector: Manifest, labels: Mapping[str, str]) -> bool:
    pairs = selector.get("matchLabels") or {}
    expressions = selector.get("matchExpressions") or ()
    return all(labels.get(key) == value for key, value in pairs.items()) and all(
        _expression_matches(expression, labels) for expression in expressions
    )


def _expression_matches(expression: Manifest, labels: Mapping[str, str]) -> bool:
    key, operator, values = expression["key"], expression["operator"], expression.get("values") or ()
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    if operator == "Exists":
        return key in labels
    assert operator == "DoesNotExist", operator
    return key not in labels


def _in_block(block: Manifest, ip: str) -> bool:
    return _is_in(block["cidr"], tuple(block.get("except") or ()), ip)


@cache
def _is_in(cidr: str, exceptions: tuple[str, ...], ip: str) -> bool:
    address = ipaddress.ip_address(ip)
    network = ipaddress.ip_network(cidr)
    excluded = [ipaddress.ip_network(exception) for exception in exceptions]
    for each in excluded:
        is_inside = each != network and each.network_address in network and each.broadcast_address in network
        assert is_inside, "the API refuses an exception that is not strictly inside"
    return address in network and not any(address in each for each in excluded)


def _is_port(port: Manifest, receiver: End, number: int, protocol: str) -> bool:
    if port.get("protocol", "TCP") != protocol:
        return False
    declared = port.get("port")
    if declared is None:
        return True
    if isinstance(declared, str):
        ports = receiver.ports if isinstance(receiver, Pod) else ()
        return any((each.name, each.number, each.protocol) == (declared, number, protocol) for each in ports)
    return bool(declared <= number <= port.get("endPort", declared))
