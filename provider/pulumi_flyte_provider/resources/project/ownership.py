"""Ownership of a project, by the label that names its owner."""

from __future__ import annotations

from flyteidl2.project import project_service_pb2 as pb

from pulumi_flyte_provider.errors import OwnershipError
from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.ownership.takeover import Subject
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.project import wire
from pulumi_flyte_provider.resources.project.identity import TOKEN, title
from pulumi_flyte_provider.resources.project.shape import ProjectInputs
from pulumi_flyte_provider.resources.state import State


def require_free(operation: Operation, project: ProjectInputs, live: pb.Project | None) -> None:
    """For Create: raise OwnershipError if the project has another owner. An archived one without an owner is free."""
    if live is None or project.adopt:
        return
    label = wire.owner_label(live)
    archived = live.state == pb.PROJECT_STATE_ARCHIVED
    if label == wire.label_value(operation.owner) or (archived and not label):
        return
    subject = Subject(TOKEN, project.name, title(project.name))
    if not label:
        raise OwnershipError(takeover.collision(subject, None, operation.owner))
    raise OwnershipError(
        takeover.with_ways(
            f"{subject.title} is managed by {label} (Pulumi project, stack and resource)",
            "if that resource was renamed or moved to another parent, name it in `aliases`",
            "or choose another name",
            takeover.BY_NAME,
            "adopt=true would take it away from that resource",
        )
    )


def require_ours(operation: Operation, project: ProjectInputs, live: pb.Project | None, old: State) -> None:
    """For Update: raise OwnershipError if somebody else has taken the project over."""
    if live is not None and not project.adopt and is_foreign(operation, live, old):
        raise OwnershipError(
            f"{title(project.name)} has been taken over by {wire.owner_label(live)}: remove it from this stack"
            " with `pulumi state delete`, or declare it with adopt=true to take it back"
        )


def is_foreign(operation: Operation, live: pb.Project, old: State) -> bool:
    """Check whether the project has another owner than the recorded one. An imported project has no recorded owner."""
    ours = {wire.label_value(owner) for owner in (operation.owner, old.owner) if owner}
    return wire.owner_label(live) not in {"", *ours}
