"""The addresses of the console's pages, in Flyte's URL shapes (flyte/remote/_client/controlplane.py)."""

from __future__ import annotations

from dataclasses import dataclass

from flyte_local.web.html import Html, link


@dataclass(frozen=True)
class Scope:
    """A project in a domain, or everything."""

    project: str = ""
    domain: str = ""

    @property
    def path(self) -> str:
        """The address of the scope's own page."""
        return scope_path(self.project, self.domain) if self.project else "/v2"

    @property
    def prefix(self) -> str:
        """The prefix of the store's keys of runs, tasks and triggers in the scope."""
        return f"{self.project}/{self.domain}/" if self.project else ""

    @property
    def title(self) -> str:
        """The scope as text for people."""
        return f"{self.project} / {self.domain}" if self.project else "All projects"

    def holds(self, project: str, domain: str) -> bool:
        """Return whether a project and domain belong to the scope."""
        return not self.project or (project, domain) == (self.project, self.domain)


EVERYTHING = Scope()


def scope_path(project: str, domain: str) -> str:
    """Return the page of a project in a domain."""
    return f"/v2/domain/{domain}/project/{project}"


def resource_path(project: str, domain: str, kind: str, name: str) -> str:
    """Return the page of an app, a task or a run; `kind` is the plural. A trigger's name is `task/trigger`."""
    return f"{scope_path(project, domain)}/{kind}/{name}"


def resource_link(project: str, domain: str, kind: str, name: str) -> Html:
    """Return the name of an app, a task or a run, leading to its page."""
    return link(resource_path(project, domain, kind, name), name)
