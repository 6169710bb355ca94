"""The addresses of the console's pages, in Flyte's URL shapes (flyte/remote/_client/controlplane.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode


@dataclass(frozen=True)
class Scope:
    """A project in a domain, or everything."""

    project: str = ""
    domain: str = ""

    @property
    def path(self) -> str:
        """The address of the scope's own page."""
        return f"/v2/domain/{self.domain}/project/{self.project}" if self.project else "/v2"

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

    def resource(self, kind: str, name: str) -> str:
        """Return the page of an app, a task or a run. `kind` is the plural. A trigger's name is `task/trigger`."""
        return f"{self.path}/{kind}/{name}"


EVERYTHING = Scope()


def address(path: str) -> str:
    """Return a path as links write it. Names may have any character; a query is quoted already."""
    plain, mark, query = path.partition("?")
    return quote(plain, safe="/:#@", errors="replace") + mark + query


def with_query(path: str, parameters: Mapping[str, object]) -> str:
    """Return a path with those parameters that are not empty."""
    present = {name: str(value) for name, value in parameters.items() if value not in ("", None)}
    return f"{path}?{urlencode(present, errors='replace')}" if present else path
