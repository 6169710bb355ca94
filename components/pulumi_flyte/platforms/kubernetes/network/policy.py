"""`Policy`: a NetworkPolicy as a value, and its body as the Kubernetes API takes it.

A policy only ever allows. A pod that some policy selects for a direction is closed in that direction, except for what
the rules of all policies that select it allow (Kubernetes: "Network Policies", the two sorts of pod isolation).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Direction = Literal["Ingress", "Egress"]
# A part of an object of the Kubernetes API.
Body: TypeAlias = Mapping[str, object]

# The API server sets this label on every namespace: its name. No namespace can take another's.
NAMESPACE_LABEL = "kubernetes.io/metadata.name"


@dataclass(frozen=True, slots=True)
class Pods:
    """Pods with these labels in one namespace. Without labels it is all pods of the namespace, without a namespace all
    namespaces."""

    namespace: str | None = None
    labels: tuple[tuple[str, str], ...] = ()

    def peer(self) -> Body:
        """Return the pods as a peer of a rule."""
        namespaces: Body = {} if self.namespace is None else {"matchLabels": {NAMESPACE_LABEL: self.namespace}}
        pods: Body = {"podSelector": self.selector()} if self.labels else {}
        return {"namespaceSelector": namespaces, **pods}

    def selector(self) -> Body:
        """Return the pods as those that a policy selects in its own namespace."""
        return {"matchLabels": dict(self.labels)} if self.labels else {}


@dataclass(frozen=True, slots=True)
class Addresses:
    """A range of addresses without some ranges inside of it."""

    cidr: str
    excluded: tuple[str, ...] = ()

    def peer(self) -> Body:
        """Return the addresses as a peer of a rule."""
        exceptions: Body = {"except": list(self.excluded)} if self.excluded else {}
        return {"ipBlock": {"cidr": self.cidr, **exceptions}}


@dataclass(frozen=True, slots=True)
class Port:
    """A port by its number, or by the name that the receiving pod's container gives it."""

    port: int | str
    protocol: Literal["TCP", "UDP"] = "TCP"

    def body(self) -> Body:
        """Return the port as a port of a rule."""
        return {"port": self.port, "protocol": self.protocol}


@dataclass(frozen=True, slots=True)
class Rule:
    """The peers that traffic may come from or go to, and the ports that it may go to. Without ports it is all."""

    peers: tuple[Pods | Addresses, ...]
    ports: tuple[Port, ...] = ()

    def body(self, key: Literal["from", "to"]) -> Body:
        """Return the rule. `key` says which end of the traffic the peers are."""
        body: dict[str, object] = {key: [peer.peer() for peer in self.peers]}
        if self.ports:
            body["ports"] = [port.body() for port in self.ports]
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy: the pods of its namespace that it selects, and the rules of each direction that it closes.

    pods: the labels of the pods that it selects. ingress, egress: None leaves the direction open.
    """

    name: str
    namespace: str
    pods: tuple[tuple[str, str], ...] = ()
    ingress: tuple[Rule, ...] | None = None
    egress: tuple[Rule, ...] | None = None

    def spec(self) -> Body:
        """Return the `spec` of the NetworkPolicy."""
        directions: list[Direction] = []
        rules: dict[str, object] = {}
        if self.ingress is not None:
            directions.append("Ingress")
            rules["ingress"] = [rule.body("from") for rule in self.ingress]
        if self.egress is not None:
            directions.append("Egress")
            rules["egress"] = [rule.body("to") for rule in self.egress]
        return {"podSelector": Pods(labels=self.pods).selector(), "policyTypes": directions, **rules}
