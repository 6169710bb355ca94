"""A request for a page, as the functions that make pages get it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flyte_local.apps.app import ManagedApp
from flyte_local.composition import Parts
from flyte_local.web.paths import EVERYTHING, Scope


@dataclass(frozen=True)
class PageRequest:
    """A request for a page.

    `apps` are the apps at the time of the request: only the event loop may ask the supervisor, and pages are made in
    threads. `names` are the names in the address, `parameters` its query.
    """

    parts: Parts
    scope: Scope = EVERYTHING
    apps: Sequence[ManagedApp] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def page_number(self) -> int:
        """The page of a long list."""
        return whole_number(self.parameters.get("page", ""))

    def in_scope(self) -> list[ManagedApp]:
        """Return the apps of the scope."""
        return [app for app in self.apps if self.scope.holds(app.key.project, app.key.domain)]

    def title(self, kind: str) -> str:
        """Return the title of a list."""
        return f"{kind.capitalize()} of {self.scope.title}" if self.scope.project else kind.capitalize()


def whole_number(text: str) -> int:
    """Return a number from a query. Any other text is 1."""
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 9 else 1
