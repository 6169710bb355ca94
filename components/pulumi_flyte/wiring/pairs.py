"""Pairs: who may call whom, and on which port. They follow from the edges of a workload, on every platform alike.

An edge to a task is in no pair: whoever starts a task talks to the control plane. Neither is a plain string.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
from flyte_runtime import contract

from pulumi_flyte.engine.outputs import has_outputs
from pulumi_flyte.links import AppLink
from pulumi_flyte.wiring.edge import AppEdge, Edge, LateEdge

# The name of the one port that every app serves.
SERVING_PORT = "http"


@dataclass(frozen=True, slots=True, order=True)
class Peer:
    """A workload at one end of a pair."""

    kind: Literal["app", "task"]
    project: str
    domain: str
    name: str

    @classmethod
    def of(cls, identity: contract.Identity) -> Peer:
        """Return the workload with this identity."""
        return cls(identity.kind, identity.project, identity.domain, identity.name)

    def __str__(self) -> str:
        return f"{self.kind} {self.project}/{self.domain}/{self.name}"


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """A caller that may call an app. `port` is the port's name, `url` the address that the caller has for the app."""

    caller: Peer
    callee: Peer
    port: str
    url: str

    def __str__(self) -> str:
        return f"{self.caller} → {self.callee} on {self.port}"


@dataclass(frozen=True, slots=True)
class LatePair:
    """The pair of an edge that has an Output. Once that is known, `pair` is None if the edge leads to no app."""

    alias: str
    pair: pulumi.Output[Pair | None]


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of one caller: those that are known when the program runs, in order and each once, and the others."""

    known: tuple[Pair, ...] = ()
    late: tuple[LatePair, ...] = ()


def pairs_of(caller: Peer, edges: Iterable[Edge]) -> Pairs:
    """Return the pairs of a workload. Several aliases of one app are one pair."""
    known: set[Pair] = set()
    late: list[LatePair] = []
    for edge in edges:
        if isinstance(edge, LateEdge):
            late.append(LatePair(edge.alias, edge.resolved.apply(lambda to: _late_pair(caller, to))))
        elif isinstance(edge, AppEdge):
            link = edge.link
            parts = [link.project, link.domain, link.name, link.url]
            if has_outputs(parts):
                late.append(LatePair(edge.alias, _output(parts).apply(lambda values: _pair(caller, *values))))
            else:
                known.add(_of_link(caller, link))
    return Pairs(tuple(sorted(known)), tuple(late))


def _late_pair(caller: Peer, edge: Edge) -> pulumi.Output[Pair | None] | Pair | None:
    """Return the pair of an edge that has become known. Parts of its link may be Outputs still."""
    pairs = pairs_of(caller, [edge])
    return next(iter(pairs.known), None) or next((late.pair for late in pairs.late), None)


def _of_link(caller: Peer, link: AppLink) -> Pair:
    return _pair(caller, link.project, link.domain, link.name, link.url)


def _pair(caller: Peer, project: str, domain: str, name: str, url: str) -> Pair:
    return Pair(caller, Peer("app", project, domain, name), SERVING_PORT, url)


def _output(values: list[Any]) -> pulumi.Output[list[Any]]:
    output: pulumi.Output[list[Any]] = pulumi.Output.from_input(values)
    return output
