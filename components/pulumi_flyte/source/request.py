"""`Request`: a request to the reader, as a frozen value that becomes one line of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request to read one attribute of a module below a root folder.

    `text` is what the user wrote, for messages, and `interpreter` the Python that reads. `env` are the variables that
    the code sees, and nothing of Pulumi's: the container's own, with placeholders for what is wired, secret or unknown.
    """

    text: str
    interpreter: str
    root: Path
    env: Mapping[str, str]
    modules: tuple[str, ...]
    attribute: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return the document that the reader takes (reader/request.py)."""
        return {"root": str(self.root), "env": dict(self.env), "modules": self.modules, "attribute": self.attribute}
