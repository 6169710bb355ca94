"""Arguments of a component that differ. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pulumi_flyte_review.model.paths import parts_of, secret_paths
from pulumi_flyte_review.model.preview import SECRET, Json
from pulumi_flyte_review.model.reason import ArgumentReason
from pulumi_flyte_review.model.workload import Workload
from pulumi_flyte_review.reasons.differences import differences, python_path

# They are references, which have reasons of their own.
_REFERENCES = frozenset({"inputs", "secrets", "environment"})


def argument_reasons(workload: Workload) -> Iterator[ArgumentReason]:
    """Yield the arguments that differ, references excepted."""
    before, after = workload.inputs
    if workload.kind == "trigger":
        return
    for path, old, new in differences(_arguments(before), _arguments(after)):
        yield ArgumentReason(python_path(path), old, new, secret=SECRET in (old, new))


def secret_argument_reasons(workload: Workload) -> Iterator[ArgumentReason]:
    """Yield the arguments whose values are hidden and differ, by the properties of the resources that differ.

    The engine writes the same word for each secret value, so the inputs of the component look equal. The value of a
    Secret has a reason of its own, `SecretReason`.
    """
    if workload.kind == "secret":
        return
    before, after = workload.inputs
    hidden = set(secret_paths(before)) & set(secret_paths(after))
    for resource in workload.resources:
        for change in resource.properties:
            path = parts_of(change.path)
            if path in hidden and path[0] not in _REFERENCES:
                yield ArgumentReason(python_path(path), SECRET, SECRET, secret=True)


def _arguments(inputs: Mapping[str, Json]) -> Mapping[str, Json]:
    return {name: value for name, value in inputs.items() if name not in _REFERENCES}
