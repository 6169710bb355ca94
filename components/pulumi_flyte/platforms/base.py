"""What a component asks of a platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pulumi

from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings


class Platform(Protocol):
    """The decisions that depend on where a workload runs."""

    def prepared(self, name: str, settings: Settings, opts: pulumi.ResourceOptions) -> Settings:
        """Declares what an environment itself needs, and returns the settings that workloads get."""

    def image(self, given: str | None, described: Mapping[str, Any], default: str | None, problems: Problems) -> str:
        """The container image: the argument's, the source's own, the environment's, or the platform's."""

    def added_files(self) -> Mapping[str, bytes]:
        """Files that every bundle carries besides the source's own."""

    def warnings(self, kind: str, arguments: Mapping[str, Any], described: Mapping[str, Any]) -> list[str]:
        """What a preview should say about arguments that this platform does not carry out."""
