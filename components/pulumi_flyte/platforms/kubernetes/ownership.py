"""Ownership of objects: the mark that each carries, and the rules for one that exists already."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

OWNER = "pulumi-flyte/owner"


def owner_mark(kind: str, resource_name: str) -> str:
    """Return the mark of an object of this stack."""
    return f"{pulumi.get_project()}/{pulumi.get_stack()}/{kind}/{resource_name}"


def takeover_problem(kind: str, name: str, mark: str, annotations: Mapping[str, str]) -> str | None:
    """Return why an object that exists cannot be taken over, or None if this stack has made it.

    mark: that of the object which is to be made. An interrupted `up` leaves one with the same.
    """
    owner = annotations.get(OWNER)
    if owner == mark:
        return None
    maker = "something else has made it" if owner is None else f"{owner} has made it (project, stack, kind, resource)"
    if kind == "Namespace":
        ways = (
            'pass Environment(cluster={"create_namespace": False}) to put apps into a namespace that others keep, or'
            " choose another one by flyte:namespace"
        )
    else:
        ways = "pass name= for another name, or adopt=True to take it over: `pulumi destroy` deletes it then"
    return f"the {kind} {name!r} exists already, and {maker}: {ways}"
