"""Changes that reach a workload through its `inputs`, its `secrets` and its `environment`. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pulumi_flyte_review.model.names import Names, Target
from pulumi_flyte_review.model.preview import Json
from pulumi_flyte_review.model.reason import ArgumentReason, UpstreamReason
from pulumi_flyte_review.model.workload import Workload
from pulumi_flyte_review.reasons.differences import Difference, differences, python_path

# The parts of a link, and the word for what of the other workload reaches this one. Any other part is an argument.
_PARTS: Mapping[str, str] = {
    "version": "version",
    "url": "endpoint",
    "publicUrl": "endpoint",
    "controlPlane": "endpoint",
    "authKey": "credential",
}
_REFERENCES = ("inputs", "secrets")


def reference_reasons(workload: Workload, names: Names) -> Iterator[UpstreamReason | ArgumentReason]:
    """Yield what changes in the references of a workload: another reference, or the workload that one leads to."""
    before, after = workload.inputs
    for argument in _REFERENCES:
        old, new = _entries(before, argument), _entries(after, argument)
        for alias in sorted({*old, *new}):
            yield from _entry_reasons((argument, alias), old.get(alias), new.get(alias), names)


def _entry_reasons(
    path: tuple[str, ...], old: Json, new: Json, names: Names
) -> Iterator[UpstreamReason | ArgumentReason]:
    if old == new:
        return
    target, former = Target.of(_link_of(new)), Target.of(_link_of(old))
    if target is not None and target != former and names.are_one(target, former):
        yield UpstreamReason(names.label(target), "endpoint")
        return
    if target is None or target != former:
        yield ArgumentReason(python_path(path), described(old, names), described(new, names))
        return
    for difference in differences(old, new):
        part = next((word for key, word in _PARTS.items() if key in difference.path), None)
        if part is None:
            yield ArgumentReason(python_path((*path, *difference.path)), difference.old, difference.new)
        else:
            yield UpstreamReason(names.label(target), part)


def environment_reasons(workload: Workload, environments: list[Workload]) -> Iterator[UpstreamReason | ArgumentReason]:
    """Yield the environment if its settings reach the workload in another form."""
    changed = list(environment_differences(workload))
    if not changed:
        return
    after = workload.inputs[1].get("environment")
    environment = next((each for each in environments if each.outputs[1].get("settings") == after), None)
    if environment is not None and environment.outputs[0].get("settings") == workload.inputs[0].get("environment"):
        yield UpstreamReason(environment.label, "settings")
        return
    for path, old, new in changed:
        yield ArgumentReason(python_path(("environment", *path)), old, new)


def environment_differences(workload: Workload) -> Iterator[Difference]:
    """Yield the settings of a workload's environment that differ."""
    before, after = workload.inputs
    if before and after:
        yield from differences(before.get("environment"), after.get("environment"))


def described(entry: Json, names: Names) -> Json:
    """Return a reference in words, such as `app backend`. Any other value stays as it is."""
    target = Target.of(_link_of(entry))
    return entry if target is None else names.label(target)


def _entries(inputs: Mapping[str, Json], argument: str) -> Mapping[str, Json]:
    entries = inputs.get(argument)
    return entries if isinstance(entries, Mapping) else {}


def _link_of(entry: Json) -> Json:
    """Return the link of an edge, which may have options around it."""
    return entry.get("to", entry) if isinstance(entry, Mapping) else entry
