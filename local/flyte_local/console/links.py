"""Links of pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PageLink:
    """A link. `current` marks the one that is shown."""

    path: str
    label: str
    current: bool = False
