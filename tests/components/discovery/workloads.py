"""Discovered workloads without any code."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pulumi_flyte.discovery.plan import Workload
from pulumi_flyte.source.description import Description
from pulumi_flyte.source.location import Location
from pulumi_flyte.source.read_source import ReadSource


def workload(name: str, depends_on: tuple[str, ...] = (), endpoints: tuple[str, ...] = (), **more: Any) -> Workload:
    """Return an app, or the task of a name with a dot."""
    environment, _, function = name.partition(".")
    kind: Literal["app", "task"] = "task" if function else "app"
    source = ReadSource(f"{environment}.py:x", Location(Path("/"), environment, "x"), Description(), discovered=True)
    return Workload(name, kind, environment, source, depends_on, endpoints, **more)
