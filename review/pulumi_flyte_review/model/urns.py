"""Names of resources in messages. Pure."""

from __future__ import annotations

from pulumi_flyte.naming.urns import urn_of


def name_of(urn: str) -> str:
    """Return the Pulumi name of a resource. A report can come from a file, in which a URN may be any text."""
    parsed = urn_of(urn)
    return urn if parsed is None else parsed.name


def title_of(urn: str) -> str:
    """Return the last word of a resource's type and its name, such as `App web`."""
    parsed = urn_of(urn)
    return urn if parsed is None else parsed.title
