"""Files and packages that differ, by the manifests of a workload. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pulumi_flyte.workload.manifest import Manifest

from pulumi_flyte_review.model.reason import FileReason, PackageReason
from pulumi_flyte_review.model.workload import Workload

# Another version of it changes a workload only by what it does differently, so it is a reason where no other is.
PLUGIN = "pulumi-flyte"


def file_reasons(workload: Workload) -> Iterator[FileReason]:
    """Yield the files that differ."""
    before, after = _manifests(workload)
    for path in sorted({*before.files, *after.files}):
        edit = _edit(before.files, after.files, path)
        if edit is not None:
            yield FileReason(path, edit)


def package_reasons(workload: Workload) -> Iterator[PackageReason]:
    """Yield the packages that differ, pulumi-flyte itself excepted."""
    before, after = _manifests(workload)
    for name in sorted({*before.packages, *after.packages} - {PLUGIN}):
        old, new = before.packages.get(name), after.packages.get(name)
        if old != new:
            yield PackageReason(name, old, new)


def plugin_reasons(workload: Workload) -> Iterator[PackageReason]:
    """Yield another version of pulumi-flyte."""
    before, after = _manifests(workload)
    old, new = before.packages.get(PLUGIN), after.packages.get(PLUGIN)
    if old != new:
        yield PackageReason(PLUGIN, old, new)


def _manifests(workload: Workload) -> tuple[Manifest, Manifest]:
    before, after = workload.manifests
    # The state of a program that never had a manifest says nothing, so it says nothing of a change.
    return (before, after) if before is not None and after is not None else (Manifest(), Manifest())


def _edit(before: Mapping[str, str], after: Mapping[str, str], path: str) -> Literal["add", "update", "delete"] | None:
    if path not in before:
        return "add"
    if path not in after:
        return "delete"
    return "update" if before[path] != after[path] else None
