"""`CodebaseRequest`: a request to read everything that modules define for Flyte."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pulumi_flyte.source.request import Request


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

    With an `attribute`, it reads only that environment of the single module, and the environments that it depends on.
    """

    api: FlyteApi | None

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "whole": True, "api": {} if self.api is None else asdict(self.api)}
