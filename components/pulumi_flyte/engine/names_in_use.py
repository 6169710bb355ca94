"""The Pulumi names of the components that one run of a program has declared.

The engine refuses a second resource with the same type and name, but its message has only the URN. This check finds the
problem at the declaration, and its message also has the Flyte project and domain of both components.
"""

from __future__ import annotations

import pulumi

from pulumi_flyte.engine.per_run import PerRun

_HINTS = {
    "App": ". Pass name= to keep its Flyte name, unless the code names it",
    "Task": ". Pass name= to keep its Flyte name, unless the code names it",
    "Secret": ". Pass name= to keep its key",
    "Environment": "",
}
# The project and domain, such as `shop/development`, by kind and name.
_declared: PerRun[dict[tuple[str, str], str]] = PerRun(dict)


def place_of(kind: str, name: str) -> str | None:
    """Return the project and domain of a component that this run has declared, or None."""
    return _declared.current().get((kind, name))


def name_problem(kind: str, name: str, place: str, opts: pulumi.ResourceOptions | None) -> str | None:
    """Return the problem of a name that an earlier component has, or None.

    A component with a parent is left to the engine, because its URN contains the types of its parents.
    """
    earlier = None if has_parent(opts) else place_of(kind, name)
    if earlier is None:
        return None
    places = f"in {earlier} and in {place}" if earlier != place else f"both in {place}"
    return (
        f"this program declares the {kind} {name!r} twice, {places}, and Pulumi needs a different name for"
        f' each: change the first argument of one of them, such as {kind}("{name}-2", …){_HINTS[kind]}'
    )


def claim(kind: str, name: str, place: str, opts: pulumi.ResourceOptions | None) -> None:
    """Remember the name of a valid component that is declared now."""
    if not has_parent(opts):
        _declared.current()[kind, name] = place


def has_parent(opts: pulumi.ResourceOptions | None) -> bool:
    """Return whether the options name a parent."""
    return opts is not None and opts.parent is not None
