"""Credentials of edges that differ. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_flyte_review.model.preview import Json, Step
from pulumi_flyte_review.model.reason import UpstreamReason
from pulumi_flyte_review.model.workload import Workload
from pulumi_flyte_review.reasons.names import Names, Target

_CREDENTIAL = "flyte:api:EdgeCredential"


def credential_reasons(workload: Workload, names: Names) -> Iterator[UpstreamReason]:
    """Yield the apps whose credentials the workload gets anew."""
    for resource in workload.resources:
        if resource.type == _CREDENTIAL and resource.operation in ("update", "replace"):
            project, _, rest = _audience(resource).partition("/")
            domain, _, name = rest.partition("/")
            yield UpstreamReason("app", names.of(Target("app", project, domain, name)), "credential")


def _audience(resource: Step) -> str:
    snapshot = resource.after or resource.before
    audience: Json = None if snapshot is None else snapshot.inputs.get("audience")
    return audience if isinstance(audience, str) else ""
