"""`ProjectInputs` to `flyteidl2.project.Project` and back. Pure.

A project has no field for a mark, so a label names its owner. A label's value is limited to 63 characters.
"""

from __future__ import annotations

import hashlib
import re

from flyteidl2.project import project_service_pb2 as pb
from flyteidl2.task.run_pb2 import Labels

from pulumi_flyte_provider.properties.values import Properties, without_nones
from pulumi_flyte_provider.resources.project.shape import ProjectInputs

OWNER_LABEL = "pulumi-flyte-owner"


def write(project: ProjectInputs, owner: str) -> pb.Project:
    """Return the project as the platform gets it."""
    return pb.Project(
        id=project.name,
        name=project.display_name or project.name,
        description=project.description,
        labels=Labels(values={**(project.labels or {}), OWNER_LABEL: label_value(owner)}),
        state=pb.PROJECT_STATE_ACTIVE,
        org=project.org,
    )


def read(live: pb.Project, *, org: str, before: Properties) -> Properties:
    """Return the inputs that give this project. `before` are the recorded ones: some are in no message."""
    labels = {key: value for key, value in live.labels.values.items() if key != OWNER_LABEL}
    is_named = live.name not in ("", live.id) or "displayName" in before
    return without_nones(
        {
            "name": live.id,
            "org": org,
            "displayName": (live.name or live.id) if is_named else None,
            "description": live.description or None,
            "labels": labels or None,
            "instance": before.get("instance"),
            "adopt": before.get("adopt"),
        }
    )


def owner_label(live: pb.Project) -> str:
    """Return the label that names the owner; empty if the project has none."""
    return str(live.labels.values.get(OWNER_LABEL, ""))


def label_value(owner: str) -> str:
    """Return the owner as a label's value, which Kubernetes limits to 63 characters of `[-._A-Za-z0-9]`.

    A person reads its end; the digest makes it one owner's, whatever had to be cut off or written otherwise.
    """
    text = re.sub(r"[^-._A-Za-z0-9]", ".", owner)[-50:].lstrip("-._")
    return f"{text}-{hashlib.sha256(owner.encode()).hexdigest()[:12]}".lstrip("-")
