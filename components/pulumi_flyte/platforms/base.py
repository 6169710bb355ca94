"""What a component asks of a platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pulumi

from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import Description


class Platform(Protocol):
    """The decisions that depend on where a workload runs."""

    def prepared(self, name: str, settings: Settings, opts: pulumi.ResourceOptions) -> Settings:
        """Declares what an environment itself needs, and returns the settings that workloads get."""

    def image(self, given: Any, description: Description, default: Any, problems: Problems) -> Text:
        """The container image: the argument's, the source's own, the environment's, or the platform's.

        given, default: a URI or an Output of one, a mapping of an `Image`'s arguments, or None.
        """

    def enforces_auth(self, settings: Settings) -> bool:
        """Whether the platform's own front turns away who calls an app with `requires_auth` without a credential."""

    def added_files(self) -> Mapping[str, bytes]:
        """Files that every bundle carries besides the source's own."""

    def warnings(self, kind: str, arguments: Mapping[str, Any], description: Description) -> list[str]:
        """What a preview should say about arguments that this platform does not carry out."""
