"""The identity of a project. Its id is its name."""

from __future__ import annotations

TOKEN = "flyte:api:Project"


def title(name: str) -> str:
    """Return the name of the project for messages."""
    return f"the project {name!r}"
