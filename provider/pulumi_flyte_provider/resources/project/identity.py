"""The identity of a project: its id is its name."""

from __future__ import annotations

TOKEN = "flyte:api:Project"


def title(name: str) -> str:
    """Return the project as messages name it."""
    return f"the project {name!r}"
