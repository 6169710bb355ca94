"""Where the console's pages are: Flyte's URL shapes (`flyte/remote/_client/controlplane.py`, `_resource_url`)."""

from __future__ import annotations


def scope_path(project: str, domain: str) -> str:
    """The page of a project in a domain."""
    return f"/v2/domain/{domain}/project/{project}"


def resource_path(project: str, domain: str, kind: str, name: str) -> str:
    """The page of an app, a task or a run; `kind` is the plural."""
    return f"{scope_path(project, domain)}/{kind}/{name}"
