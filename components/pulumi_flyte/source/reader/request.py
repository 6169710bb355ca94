"""A request to the reader, as a program sends it (source/request.py, discovery/request.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Request:
    """The modules below `root` to read, and the variables that they see.

    A request for a single source has one module and its attribute. A request for a `whole` code base may have many
    modules; an attribute is then an environment of the only one. `api` are the arguments of `flyte.init`.
    """

    root: Path
    env: Mapping[str, str]
    modules: tuple[str, ...]
    attribute: str | None
    whole: bool
    api: Mapping[str, Any]

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Request:
        """Read a request from its JSON document."""
        return cls(
            root=Path(document["root"]),
            env=document["env"],
            modules=tuple(document["modules"]),
            attribute=document["attribute"],
            whole=document.get("whole", False),
            api=document.get("api", {}),
        )
