"""Flyte 2 itself: Flyte OSS and Union, through the Flyte API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import pulumi

from pulumi_flyte.arguments.image import Image
from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.image import chosen, image_of
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import Description


class FlytePlatform:
    """Workloads run in containers; the bundle brings the runtime library, as stock images lack it."""

    def prepared(self, name: str, settings: Settings, opts: pulumi.ResourceOptions) -> Settings:
        return settings

    def image(self, given: Any, description: Description, default: Any, problems: Problems) -> Text:
        own = description.image
        wanted = image_of(chosen(given, own, default), "image", problems)
        if isinstance(wanted, Image):
            problems.add(
                "image",
                "on `flyte` an Image has to be built and pushed to a registry first, which this version does not do: "
                "pass image= with the URI of the built one",
            )
            return ""
        if given is not None and given != "":
            return cast(str, given)
        if own is not None and own.layers:
            problems.add("image", "the source's image has to be built first: pass image= with the URI of the built one")
            return ""
        uri: Text = (own.uri if own is not None else wanted) or description.stock_image.uri
        if uri == "":
            problems.add("image", 'required on `flyte`: pass image="registry/name:tag", here or to the Environment')
            return ""
        return uri

    def enforces_auth(self, settings: Settings) -> bool:
        return settings.platform_auth

    def added_files(self) -> Mapping[str, bytes]:
        return _runtime_library()

    def warnings(self, kind: str, arguments: Mapping[str, Any], description: Description) -> list[str]:
        found = []
        missing = description.stock_image.lacks
        stock = not arguments.get("image") and description.image is None
        if stock and missing:
            found.append(f"Flyte's default image lacks {', '.join(missing)}, which the code imports: pass image=")
        if kind == "app" and (arguments.get("resources") or {}).get("gpu"):
            found.append("Flyte OSS drops a GPU request of an app; Union carries it out")
        if kind == "app" and arguments.get("domain"):
            found.append("Flyte OSS ignores an app's own domain; Union serves it")
        return found


@cache
def _runtime_library() -> Mapping[str, bytes]:
    package = Path(str(files("flyte_runtime")))
    modules = {path.relative_to(package.parent).as_posix(): path for path in package.rglob("*.py")}
    return {name: path.read_bytes() for name, path in modules.items()}
