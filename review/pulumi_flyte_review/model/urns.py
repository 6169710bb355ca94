"""Parts of a URN, `urn:pulumi:STACK::PROJECT::TYPES::NAME`. Pure."""

from __future__ import annotations


def name_of(urn: str) -> str:
    """Return the Pulumi name of a resource."""
    return urn.rpartition("::")[2]


def title_of(urn: str) -> str:
    """Return the last word of a resource's type and its name, such as `App web`."""
    _, _, types, name = urn.split("::", 3)
    return f"{types.rpartition(':')[2]} {name}"
