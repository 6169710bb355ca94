"""Credentials of edges that differ. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_flyte.notation.engine_marks import UNKNOWN

from pulumi_flyte_review.model.names import Names, Target
from pulumi_flyte_review.model.preview import Step
from pulumi_flyte_review.model.reason import UpstreamReason
from pulumi_flyte_review.model.workload import Workload

_CREDENTIAL = "flyte:api:EdgeCredential"
# The properties that come from the callee. The caller's name is a property too, but it does not come from the callee.
_OF_CALLEE = frozenset({"privateKey", "issuedAt", "audience"})


def credential_reasons(workload: Workload, names: Names) -> Iterator[UpstreamReason]:
    """Yield the apps for which the workload gets new credentials."""
    for resource in workload.resources:
        changed = {change.path for change in resource.properties}
        if resource.type == _CREDENTIAL and changed & _OF_CALLEE:
            project, _, rest = _audience(resource).partition("/")
            domain, _, name = rest.partition("/")
            yield UpstreamReason(f"app {names.of(Target('app', project, domain, name))}", "credential")


def _audience(resource: Step) -> str:
    """Return the app that the credential is for. It is empty if neither the old nor the new inputs have it."""
    audiences = (snapshot.inputs.get("audience") for snapshot in (resource.after, resource.before) if snapshot)
    return next((each for each in audiences if isinstance(each, str) and each != UNKNOWN), "")
