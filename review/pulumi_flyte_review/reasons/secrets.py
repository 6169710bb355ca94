"""Secrets whose values differ. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_flyte_review.model.reason import SecretReason
from pulumi_flyte_review.model.workload import Workload

# The properties that hold a value: of `flyte:api:Secret`, and of a Secret of Kubernetes.
_VALUES = frozenset({"value", "data", "stringData"})


def secret_reasons(workload: Workload) -> Iterator[SecretReason]:
    """Yield the secret itself if its value differs. The engine says that, and shows no value."""
    if workload.kind != "secret":
        return
    paths = (change.path for resource in workload.resources for change in resource.properties)
    if any(path.partition(".")[0].partition("[")[0] in _VALUES for path in paths):
        yield SecretReason(workload.name)
