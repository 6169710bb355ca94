"""Keyword names and property names. Pure."""

from __future__ import annotations

from functools import cache


@cache
def camel(name: str) -> str:
    """Return the property name of a keyword: `public_endpoint` is `publicEndpoint`."""
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)
