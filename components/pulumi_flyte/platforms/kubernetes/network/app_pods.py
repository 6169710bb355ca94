"""The pods of apps, as policies select them. Pure."""

from __future__ import annotations

from pulumi_flyte.platforms.kubernetes.labels import MANAGED_BY, MANAGER, selector


def labels_of_app(name: str) -> tuple[tuple[str, str], ...]:
    """Return the labels that tell the pods of one app from all others of its namespace. Pods that somebody else makes
    with the same name are not among them."""
    return tuple({**selector(name), MANAGED_BY: MANAGER}.items())
