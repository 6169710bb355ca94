"""Edges that carry no credential to an app that requires one: what a preview says of them."""

from __future__ import annotations

from collections.abc import Iterable

import pulumi

from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring import program
from pulumi_flyte.wiring.edge import AppEdge, Edge, KnownEdge, LateEdge


def warnings_by_name(name: str, edges: Iterable[AppEdge], settings: Settings, *, guarded: bool = False) -> list[str]:
    """Return warnings about edges by name where both ends are in this program, whichever was declared first.

    name, guarded: the workload that is being declared, and whether it is an app that requires credentials.
    """
    pairs: list[tuple[str, str]] = []
    for edge in edges:
        if edge.by_name:
            scope = program.current(settings, edge.link.project, edge.link.domain)
            scope.callers_by_name.setdefault(edge.link.name, set()).add(name)
            if edge.link.name in scope.guarded:
                pairs.append((name, edge.link.name))
    if guarded:
        here = program.current(settings)
        here.guarded.add(name)
        pairs += [(caller, name) for caller in sorted(here.callers_by_name.get(name, ()))]
    return [
        f"{caller!r} calls {callee!r} by name, which carries no credential, and {callee!r} requires one: its calls will"
        f" be refused. Pass the App itself in its inputs instead of AppEndpoint({callee!r})"
        for caller, callee in pairs
    ]


def warn_of_late_edges(owner: pulumi.ComponentResource, edges: Iterable[Edge]) -> None:
    """Warn of an app that requires credentials behind an Output, once that is known: too late to declare one."""

    def look(edge: KnownEdge) -> None:
        if isinstance(edge, AppEdge) and edge.link.auth_key:
            pulumi.log.warn(
                f"inputs.{edge.alias}: the app {edge.link.name!r} requires credentials, and an edge through an Output"
                " carries none: its calls will be refused. Pass the App itself, from the same program",
                owner,
            )

    for edge in edges:
        if isinstance(edge, LateEdge):
            edge.resolved.apply(look)
