"""The arguments of a component that differ. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pulumi_flyte.notation.engine_marks import SECRET
from pulumi_flyte.notation.property_paths import parts_of

from pulumi_flyte_review.model.paths import secret_paths
from pulumi_flyte_review.model.preview import Json
from pulumi_flyte_review.model.reason import ArgumentReason
from pulumi_flyte_review.model.workload import Workload
from pulumi_flyte_review.reasons.differences import differences, python_path

# The reasons of references are found elsewhere (`reference_reasons`).
_REFERENCES = frozenset({"inputs", "secrets", "environment"})


def argument_reasons(workload: Workload) -> Iterator[ArgumentReason]:
    """Yield the arguments that differ, without references."""
    before, after = workload.inputs
    if workload.kind == "trigger":
        return
    for path, old, new in differences(_arguments(before), _arguments(after)):
        yield ArgumentReason(python_path(path), old, new, secret=SECRET in (old, new))


def secret_argument_reasons(workload: Workload) -> Iterator[ArgumentReason]:
    """Yield the arguments with secret values that differ.

    The engine writes the same word for each secret value, so the inputs of the component look equal. The properties of
    its resources show the difference. For the value of a Secret there is `SecretReason`.
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
