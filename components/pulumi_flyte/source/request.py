"""Requests to the reader, as frozen values that become one line of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request to read code below a root folder with an interpreter.

    `text` is what the user wrote, for messages. `env` are the variables that the code sees, and nothing of Pulumi's:
    the container's own, with placeholders for what is wired, secret or unknown.
    """

    text: str
    interpreter: str
    root: Path
    env: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        """Return the document that the reader takes."""
        return {"root": str(self.root), "env": dict(self.env)}


@dataclass(frozen=True, kw_only=True)
class SourceRequest(Request):
    """A request to read one attribute of a module."""

    module: str
    attribute: str

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "module": self.module, "attribute": self.attribute}


@dataclass(frozen=True)
class FlyteApi:
    """The arguments of `flyte.init`, with which the reader asks the platform for what Flyte resolves on a deploy."""

    endpoint: str | None
    insecure: bool
    org: str
    project: str
    domain: str


@dataclass(frozen=True, kw_only=True)
class CodebaseRequest(Request):
    """A request to read everything that modules define for Flyte.

    With an `attribute`, it is one environment of the only module, and what that depends on.
    """

    modules: tuple[str, ...]
    attribute: str | None
    api: FlyteApi | None

    def as_dict(self) -> dict[str, Any]:
        api = {} if self.api is None else asdict(self.api)
        return {**super().as_dict(), "modules": self.modules, "attribute": self.attribute, "api": api}
