"""The embedded control plane: processes of this machine instead of containers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi

from pulumi_flyte.arguments.image import Image
from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.image import LOCAL_PYTHON, chosen, definition, image_of
from pulumi_flyte.image import described as describe
from pulumi_flyte.local import Server
from pulumi_flyte.naming import names
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import Description


class LocalPlatform:
    """Workloads run with the program's interpreter, or in an environment with an image's packages; none is pulled."""

    def prepared(self, name: str, settings: Settings, opts: pulumi.ResourceOptions) -> Settings:
        # The default stays unsaid, so that what was declared is what a diff shows.
        port = settings.local_port if settings.local_port != names.DEFAULT_LOCAL_PORT else None
        return replace(settings, instance=Server(name, port=port, opts=opts).epoch)

    def image(self, given: Any, description: Description, default: Any, problems: Problems) -> Text:
        own = description.image
        wanted = image_of(chosen(given, own, default), "image", problems)
        if wanted is None and own is not None and own.layers:
            return definition(own.definition)
        if isinstance(wanted, Image):
            return describe(wanted, Path.cwd(), "image", problems)
        return wanted or LOCAL_PYTHON

    def enforces_auth(self, settings: Settings) -> bool:
        return True

    def added_files(self) -> Mapping[str, bytes]:
        return {}

    def warnings(self, kind: str, arguments: Mapping[str, Any], description: Description) -> list[str]:
        found = []
        wanted = image_of(arguments.get("image"), "image", Problems())
        skipped: Sequence[str] = wanted.skipped if isinstance(wanted, Image) else ()
        if wanted is None and description.image is not None:
            skipped = description.image.skipped
        elif wanted is not None and not isinstance(wanted, Image):
            name = f"image {wanted!r}" if isinstance(wanted, str) else "the image, an Output,"
            found.append(f"{name} is not pulled on `local`: the program's interpreter is used")
        if skipped:
            found.append(
                f"the image's {'; '.join(skipped)}: not carried out on `local`, where processes of this machine run. "
                "Install it on this machine, or deploy to a platform with containers"
            )
        if (arguments.get("resources") or {}).get("gpu"):
            found.append("a GPU cannot be reserved on `local`: the process sees what the machine has")
        return found
