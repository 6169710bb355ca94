"""The runtime library, as images and bundles carry it: its files, and what they require."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_flyte.source.bundle import Bundle
from pulumi_flyte.workload.manifest import Manifest

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_DISTRIBUTION = "flyte-runtime"


@cache
def library_files() -> Mapping[str, bytes]:
    """Return its files, by the path that they have beside the code."""
    package = Path(str(files("flyte_runtime")))
    modules = {path.relative_to(package.parent).as_posix(): path for path in package.rglob("*.py")}
    return {name: path.read_bytes() for name, path in modules.items()}


@cache
def library_manifest() -> Manifest:
    """Return the library as one package. Its content counts too: a checkout of it changes without a new version."""
    digest = Bundle(library_files()).digest[:8]
    return Manifest(packages={_DISTRIBUTION: f"{metadata.version(_DISTRIBUTION)} ({digest})"})


@cache
def library_requirements(*, flyte: bool) -> tuple[str, ...]:
    """Return what it requires. flyte: with Flyte's SDK, which starts tasks and runs Flyte's own code."""
    from packaging.requirements import Requirement

    requirements = map(Requirement, metadata.requires(_DISTRIBUTION) or ())
    extras = ("", "flyte") if flyte else ("",)
    return tuple(
        f"{each.name}{_extras(each)}{each.specifier}"
        for each in requirements
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in extras)
    )


def _extras(requirement: Requirement) -> str:
    return f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
