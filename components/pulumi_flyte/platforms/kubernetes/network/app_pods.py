"""The pods of apps, as policies select them. Pure."""

from __future__ import annotations

NAME_LABEL = "app.kubernetes.io/name"
MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"
MANAGED_BY = "pulumi-flyte"


def labels_of_app(name: str) -> tuple[tuple[str, str], ...]:
    """Return the labels that tell the pods of one app from all others of its namespace. Pods that somebody else makes
    with the same name are not among them."""
    return ((NAME_LABEL, name), (MANAGED_BY_LABEL, MANAGED_BY))
