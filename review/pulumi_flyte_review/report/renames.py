"""Workloads that seem to be renamed: one goes, and one with the same code and arguments comes. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from pulumi_flyte_review.model.names import Target
from pulumi_flyte_review.model.preview import Snapshot
from pulumi_flyte_review.model.report import Rename
from pulumi_flyte_review.model.workload import Workload

# A secret is not among them: its value, which tells two of them apart, is hidden.
_KINDS = ("app", "task")


def renames_of(workloads: Iterable[Workload]) -> Mapping[str, Rename]:
    """Return the other half of each workload that seems to be renamed, by URN.

    Where several go or come that are alike, nothing tells which one is which.
    """
    gone: dict[str, list[Workload]] = {}
    new: dict[str, list[Workload]] = {}
    for workload in workloads:
        sides = {"delete": gone, "create": new}
        side = sides.get(workload.step.operation)
        if side is not None and workload.kind in _KINDS:
            side.setdefault(_likeness(workload), []).append(workload)
    renames: dict[str, Rename] = {}
    for likeness, (former, *more) in gone.items():
        candidates = new.get(likeness, [])
        if not more and len(candidates) == 1:
            renames[former.step.urn] = Rename(candidates[0].name)
            renames[candidates[0].step.urn] = Rename(former.step.name, _former_name(former, candidates[0]))
    return renames


def _former_name(former: Workload, new: Workload) -> str | None:
    """Return the name in Flyte that the new workload lacks."""
    target = Target.of(former.outputs[0].get("link"))
    return None if target is None or target.name == new.inputs[1].get("name") else target.name


def _likeness(workload: Workload) -> str:
    """Return everything about a workload but its name, as a text."""
    snapshot = workload.step.before or workload.step.after or Snapshot()
    manifest = next((each for each in workload.manifests if each is not None), None)
    files = None if manifest is None else manifest.files
    inputs = {key: value for key, value in snapshot.inputs.items() if key != "name"}
    return json.dumps([workload.kind, inputs, files], sort_keys=True, default=str)
