"""The parts that all identifiers of the Flyte API have in common."""

from __future__ import annotations

from typing import Protocol


class Scoped(Protocol):
    """Something that belongs to an organisation, a project and a domain."""

    @property
    def org(self) -> str: ...
    @property
    def project(self) -> str: ...
    @property
    def domain(self) -> str: ...


class Named(Scoped, Protocol):
    """Something that has a name in its scope."""

    @property
    def name(self) -> str: ...
