"""The wiring graph: who must start before whom, and what is merely named. Pure.

An *ordering* edge makes the dependent wait until its dependency is ready; a cycle of these cannot be deployed.
An edge that only carries an endpoint (`AppEndpoint`, `TaskRef`) orders nothing and may close a cycle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def find_cycle(edges: Mapping[str, Iterable[str]]) -> list[str] | None:
    """Return a cycle as `[a, b, a]`, or None. `edges[x]` are the things that x waits for. Linear in nodes and edges."""
    done: set[str] = set()
    for start in edges:
        if start in done:
            continue
        path = [start]
        on_path = {start: 0}
        iterators = [iter(edges.get(start, ()))]
        while iterators:
            following = next(iterators[-1], None)
            if following is None:
                iterators.pop()
                finished = path.pop()
                del on_path[finished]
                done.add(finished)
            elif following in on_path:
                return [*path[on_path[following] :], following]
            elif following not in done:
                on_path[following] = len(path)
                path.append(following)
                iterators.append(iter(edges.get(following, ())))
    return None


def describe_cycle(cycle: Sequence[str]) -> str:
    """Return a cycle as a text, such as `a → b → a`."""
    return " → ".join(cycle)
