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
    return f"the {kind} {name!r} exists already, and {maker}: {_ways_out(kind)}"


def is_of_same_stack(mark: str, annotations: Mapping[str, str]) -> bool:
    """Return whether the stack of `mark` has made an object, perhaps under another Pulumi name."""
    return annotations.get(OWNER, "").split("/")[:2] == mark.split("/")[:2]


def unread_problem(kind: str, name: str, reason: str) -> str:
    """Return the message about an object of which the cluster does not say whether it exists."""
    return (
        f"the cluster could not be read ({reason}), so it is not known whether the {kind} {name!r} exists already and"
        f" belongs to something else. Give the account of the kubeconfig the right to get it, or {_ways_out(kind)}"
    )


def _ways_out(kind: str) -> str:
    if kind == "Namespace":
        return (
            'pass Environment(cluster={"create_namespace": False}) to put apps into a namespace that something else'
            " manages, or choose another one with flyte:namespace"
        )
    return "pass name= for another name, or adopt=True to take it over, after which `pulumi destroy` deletes it"
