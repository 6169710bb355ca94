"""The embedded control plane: processes of this machine instead of containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pulumi

from pulumi_flyte import names
from pulumi_flyte.local import Server
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings

PROGRAM_PYTHON = "local/python"


class LocalPlatform:
    """Workloads run with the program's interpreter; an image is not pulled."""

    def prepared(self, name: str, settings: Settings, opts: pulumi.ResourceOptions) -> Settings:
        # The default stays unsaid, so that what was declared is what a diff shows.
        port = settings.local_port if settings.local_port != names.DEFAULT_LOCAL_PORT else None
        return replace(settings, instance=Server(name, port=port, opts=opts).epoch)

    def image(self, given: str | None, described: Mapping[str, Any], default: str | None, problems: Problems) -> str:
        return given or default or PROGRAM_PYTHON

    def added_files(self) -> Mapping[str, bytes]:
        return {}

    def warnings(self, kind: str, arguments: Mapping[str, Any], described: Mapping[str, Any]) -> list[str]:
        found = []
        if arguments.get("image"):
            found.append(f"image {arguments['image']!r} is not pulled on `local`: the program's interpreter is used")
        layers = [layer for layer in described.get("image", {}).get("layers", ()) if layer != "EnvLayer"]
        if layers:
            found.append(
                "the source's image is not built on `local`: its packages must be in the program's environment"
            )
        if arguments.get("requires_auth"):
            found.append("requires_auth is not enforced on `local` yet: whoever reaches this machine's port reaches it")
        if (arguments.get("resources") or {}).get("gpu"):
            found.append("a GPU cannot be reserved on `local`: the process sees what the machine has")
        return found
