"""The rule for updates that replace the running containers of an app. Pure."""

from __future__ import annotations

from pulumi_flyte_review.model.preview import Step
from pulumi_flyte_review.model.workload import Workload

# Properties of `flyte:api:App` that do not affect the process. Any other one makes a new revision.
_UNSEEN = frozenset({"active", "adopt", "consoleUrl", "endpoint", "publicEndpoint"})


def restarts(workload: Workload) -> bool:
    """Return whether an app that runs is started anew. A task has no containers between its runs."""
    if workload.kind != "app" or workload.step.operation in ("create", "delete", "import"):
        return False
    return any(_restarts(step) for step in workload.resources)


def _restarts(step: Step) -> bool:
    if step.operation == "replace":
        return step.type in ("flyte:api:App", "kubernetes:apps/v1:Deployment")
    if step.operation != "update":
        return False
    paths = {change.path for change in step.properties}
    if step.type == "flyte:api:App":
        return bool({path.partition(".")[0].partition("[")[0] for path in paths} - _UNSEEN)
    return step.type == "kubernetes:apps/v1:Deployment" and any(path.startswith("spec.template") for path in paths)
