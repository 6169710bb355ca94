"""References to another project, domain or control plane, and whether the consumer's platform can serve them.

The table is in docs/scopes.md, and a test holds it.
"""

from __future__ import annotations

from pulumi_flyte.links import AppLink, SecretLink, TaskLink
from pulumi_flyte.settings import Settings


def crossing_problem(link: AppLink | TaskLink | SecretLink, settings: Settings | None) -> str | None:
    """Return why a workload with these settings cannot use the object of a link, and what to do.

    Return None if the workload can use it, or the settings are not known.
    """
    if settings is None:
        return None
    what = f"the {link.kind} {link.name!r}" if isinstance(link.name, str) else f"the {link.kind}"
    here = settings.control_plane
    if link.control_plane is not None and link.control_plane != here:
        return f"{what} is on another control plane ({link.control_plane}; this runs on {here}): {_MOVE[link.kind]}"
    if not isinstance(link, SecretLink):
        return None
    other_project = link.project and link.project != settings.project
    other_domain = link.domain and link.domain != settings.domain
    if not other_project and not other_domain:
        return None
    there = f"{link.project}/{link.domain}" if link.project else link.domain
    return (
        f"{what} is in {there}, and a workload of {settings.project}/{settings.domain} gets only the secrets of its own"
        " project and domain, those of its domain, and global ones: declare a Secret in this Environment too, with"
        " value=, or with existing=True if one with this name exists"
    )


_MOVE = {
    "app": "deploy both to one, or pass a URL that reaches it from here as a plain string, such as its public_endpoint",
    "task": "deploy the task to this one too, or start it through an app there, by URL",
    "secret": "declare a Secret in this Environment too",
}
