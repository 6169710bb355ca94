"""Flyte 2 itself: Flyte OSS and Union, through the Flyte API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import pulumi

from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings


class FlytePlatform:
    """Workloads run in containers; the bundle brings the runtime library, as stock images lack it."""

    def prepared(self, name: str, settings: Settings, opts: pulumi.ResourceOptions) -> Settings:
        return settings

    def image(self, given: str | None, described: Mapping[str, Any], default: str | None, problems: Problems) -> str:
        own = described.get("image", {})
        if given:
            return given
        if own.get("layers"):
            problems.add("image", "the source's image has to be built first: pass image= with the URI of the built one")
            return ""
        chosen = own.get("uri") or default or described.get("stock_image")
        if not chosen:
            problems.add("image", 'required on `flyte`: pass image="registry/name:tag", here or to the Environment')
            return ""
        return str(chosen)

    def added_files(self) -> Mapping[str, bytes]:
        return _runtime_library()

    def warnings(self, kind: str, arguments: Mapping[str, Any], described: Mapping[str, Any]) -> list[str]:
        found = []
        missing = described.get("missing_from_stock", ())
        stock = not arguments.get("image") and not described.get("image", {}).get("uri")
        if stock and missing:
            found.append(f"Flyte's default image lacks {', '.join(missing)}, which the code imports: pass image=")
        if kind == "app" and arguments.get("requires_auth"):
            found.append("Flyte OSS does not enforce requires_auth; Union does")
        if kind == "app" and (arguments.get("resources") or {}).get("gpu"):
            found.append("Flyte OSS drops a GPU request of an app; Union carries it out")
        if kind == "app" and arguments.get("domain"):
            found.append("Flyte OSS ignores an app's own domain; Union serves it")
        return found


@cache
def _runtime_library() -> Mapping[str, bytes]:
    modules = [item for item in files("flyte_runtime").iterdir() if item.name.endswith(".py")]
    return {f"flyte_runtime/{item.name}": item.read_bytes() for item in modules}
