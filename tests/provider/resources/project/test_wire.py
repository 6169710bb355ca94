"""A project's message, and the label that names its owner."""

from __future__ import annotations

import re

from pulumi_flyte_provider.resources.project.wire import label_value


def test_an_owners_label_is_one_that_kubernetes_takes_and_nobody_elses() -> None:
    owners = [
        f"{stack}/dev/flyte:index:Environment$flyte:index:Group$flyte:api:Project::a-project-with-a-long-name"
        for stack in ("shop", "lab")
    ]
    labels = {label_value(owner) for owner in [*owners, "a/b/c", "a/b.c", "ö/ü"]}
    assert len(labels) == 5
    for label in labels:
        assert re.fullmatch(r"[A-Za-z0-9][-._A-Za-z0-9]{0,61}[A-Za-z0-9]", label), label
