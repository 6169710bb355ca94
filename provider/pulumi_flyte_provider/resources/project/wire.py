"""Converts `ProjectInputs` to `flyteidl2.project.Project` and back. Pure.


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
    """Return the project for the platform."""
    return pb.Project(
        id=project.name,
        name=project.display_name or project.name,
        description=project.description,
        labels=Labels(values={**(project.labels or {}), OWNER_LABEL: label_value(owner)}),
        state=pb.PROJECT_STATE_ACTIVE,
        org=project.org,
    )


def read(live: pb.Project, *, org: str, before: Properties) -> Properties:
    """Return the inputs for this project. Inputs that are not in the message come from `before`, the recorded ones."""
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
    """Return the label that names the owner, or an empty text."""
    return str(live.labels.values.get(OWNER_LABEL, ""))


def label_value(owner: str) -> str:
    """Return the value of the owner's label. Kubernetes limits it to 63 characters of `[-._A-Za-z0-9]`.

    It has the end of the owner's name for people, and a digest that makes it unique.
    """
    text = re.sub(r"[^-._A-Za-z0-9]", ".", owner)[-50:].lstrip("-._")
    return f"{text}-{hashlib.sha256(owner.encode()).hexdigest()[:12]}".lstrip("-")
