"""The Pulumi names of the components that one run of a program has declared.

The engine refuses a second resource of one type and name, and says only its URN. Here the problem is found where the
component is declared, with what Pulumi does not know: in which Flyte project and domain each of the two is.
"""

from __future__ import annotations

import pulumi

from pulumi_flyte.engine.per_run import PerRun

_HINTS = {
    "App": "; name= keeps its Flyte name, unless the code says it",
    "Task": "; name= keeps its Flyte name, unless the code says it",
    "Secret": "; name= keeps its key",
    "Environment": "",
}
# By kind and name: the place, such as `shop/development`.
_declared: PerRun[dict[tuple[str, str], str]] = PerRun(dict)


def place_of(kind: str, name: str) -> str | None:
    """Return where a component of this kind and Pulumi name has been declared in this run."""
    return _declared.current().get((kind, name))


def name_problem(kind: str, name: str, place: str, opts: pulumi.ResourceOptions | None) -> str | None:
    """Return what is wrong with a component's name where an earlier component has it.

    A component with a parent is left to the engine, as its URN contains the types of its parents.
    """
    earlier = None if has_parent(opts) else place_of(kind, name)
    if earlier is None:
        return None
    places = f"in {earlier} and in {place}" if earlier != place else f"both in {place}"
    return (
        f"this program declares the {kind} {name!r} twice, {places}, and Pulumi needs one name for"
        f' each: choose another first argument for one of them, such as {kind}("{name}-2", …){_HINTS[kind]}'
    )


def claim(kind: str, name: str, place: str, opts: pulumi.ResourceOptions | None) -> None:
    """Remember the name of a component that is right and is declared now."""
    if not has_parent(opts):
        _declared.current()[kind, name] = place


def has_parent(opts: pulumi.ResourceOptions | None) -> bool:
    """Return whether the options name a parent."""
    return opts is not None and opts.parent is not None
