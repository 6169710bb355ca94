"""The pods of Flyte's tasks, by the labels that Flyte puts on them. Pure.

Source: flyteorg/flyte, `executor/pkg/plugin/task_exec_metadata.go` and `flyteplugins/go/tasks/pluginmachinery/utils/
labels.go`. The label `task-name` is there since Flyte 2.0.43; a run cannot set these labels itself.
"""

from __future__ import annotations

import re

PROJECT_LABEL = "project"
DOMAIN_LABEL = "domain"
TASK_NAME_LABEL = "task-name"
MANAGED_LABEL = "flyte.org/managed"
MAX_LABEL_VALUE = 63

_NO_LABEL_CHARACTER = re.compile(r"[^a-zA-Z0-9._-]")
_ALPHANUMERIC = re.compile(r"[a-zA-Z0-9]")


def label_value(name: str) -> str:
    """Return a name as Flyte writes it into a label: cut to 63 characters, with an `x` at an end that may not be
    there. Several names may have one label."""
    label = _NO_LABEL_CHARACTER.sub("-", name)[:MAX_LABEL_VALUE]
    if label and not _ALPHANUMERIC.match(label[0]):
        label = f"x{label[1:]}"
    if label and not _ALPHANUMERIC.match(label[-1]):
        label = f"{label[:-1]}x"
    return label


def labels_of_task(project: str, domain: str, name: str) -> tuple[tuple[str, str], ...]:
    """Return the labels that tell the pods of one task from all others."""
    return ((PROJECT_LABEL, project), (DOMAIN_LABEL, domain), (TASK_NAME_LABEL, label_value(name)))


def labels_of_all(project: str, domain: str) -> tuple[tuple[str, str], ...]:
    """Return the labels of the pods of all tasks of a project and domain."""
    return ((MANAGED_LABEL, "true"), (PROJECT_LABEL, project), (DOMAIN_LABEL, domain))
