"""The owner that an object is marked with."""

from __future__ import annotations

from pulumi_flyte.naming.urns import Urn


def owner_of(urn: Urn) -> str:
    """Return the owner in an object's mark: `{project}/{stack}/{parent types}${type}::{name}`.

    It includes the types of the parents, as the URN does. For the engine, a resource that was moved without `aliases`
    is another one: it creates the new one and then deletes the old one. If both had the same mark, that would delete
    the new object.
    """
    return f"{urn.project}/{urn.stack}/{urn.types}::{urn.name}"
