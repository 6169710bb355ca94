"""Pairs: who may call whom, and on which port. They follow from the edges of a workload, on every platform alike.

An edge to a task is in no pair, as a task is started through the control plane. Neither is a plain string.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
    """A caller that may call an app.

    port: the port's name. url: the address that the caller has for the app. started: the tasks that the caller, a task,
    may start. They get its wiring, so that they may call the app too.
    """

    caller: Peer
    callee: Peer
    port: str
    url: str
    started: tuple[Peer, ...] = ()

    def __str__(self) -> str:
        return f"{self.caller} → {self.callee} on {self.port}"


@dataclass(frozen=True, slots=True)
class LatePair:
    """The pair of an edge that has an Output. `pair` resolves to None for an edge that leads to no app."""

    alias: str
    pair: pulumi.Output[Pair | None]


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of one caller.

    fixed: those without an Output, sorted, each once. late: the others."""

    fixed: tuple[Pair, ...] = ()
    late: tuple[LatePair, ...] = ()

    def __bool__(self) -> bool:
        """Return whether the caller may call any app."""
        return bool(self.fixed or self.late)


def pairs_of(caller: Peer, edges: Iterable[Edge], starts: Iterable[str] = (), in_code: Iterable[AppLink] = ()) -> Pairs:
    """Return the pairs of a workload. Several aliases of one app are one pair.

    starts: the names of the tasks that the workload may start, in its own project and domain.
    in_code: the apps that the code calls without an edge.
    """
    started = tuple(sorted(Peer("task", caller.project, caller.domain, name) for name in starts))
    pairs = _pairs(caller, edges, started)
    more = {_pair(caller, started, link.project, link.domain, link.name, str(link.url)) for link in in_code}
    return replace(pairs, fixed=tuple(sorted({*pairs.fixed, *more})))


def _pairs(caller: Peer, edges: Iterable[Edge], started: tuple[Peer, ...]) -> Pairs:
    fixed: set[Pair] = set()
    late: list[LatePair] = []
    for edge in edges:
        if isinstance(edge, LateEdge):
            late.append(LatePair(edge.alias, edge.resolved.apply(lambda to: _late_pair(caller, to, started))))
        elif isinstance(edge, AppEdge):
            link = edge.link
            parts = [link.project, link.domain, link.name, link.url]
            if has_outputs(parts):
                late.append(LatePair(edge.alias, _output(parts).apply(lambda values: _pair(caller, started, *values))))
            else:
                fixed.add(_pair(caller, started, link.project, link.domain, link.name, link.url))
    return Pairs(tuple(sorted(fixed)), tuple(late))


def _late_pair(caller: Peer, edge: Edge, started: tuple[Peer, ...]) -> pulumi.Output[Pair | None] | Pair | None:
    """Return the pair of an edge that has become known. Parts of its link may be Outputs still."""
    pairs = _pairs(caller, [edge], started)
    return next(iter(pairs.fixed), None) or next((late.pair for late in pairs.late), None)


def _pair(caller: Peer, started: tuple[Peer, ...], project: str, domain: str, name: str, url: str) -> Pair:
    return Pair(caller, Peer("app", project, domain, name), SERVING_PORT, url, started)


def _output(values: list[Any]) -> pulumi.Output[list[Any]]:
    output: pulumi.Output[list[Any]] = pulumi.Output.from_input(values)
    return output
