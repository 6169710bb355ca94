"""Labels of task pods. The examples are those of Flyte's own test (`utils/labels_test.go`)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.platforms.kubernetes.network.task_pods import label_value


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("my-run.name_1", "my-run.name_1"),
        ("my_module.my task/v2", "my_module.my-task-v2"),
        ("-leading", "xleading"),
        ("trailing-", "trailingx"),
        ("täsk", "t-sk"),
        ("a" * 70, "a" * 63),
        (f"{'a' * 62}-b", f"{'a' * 62}x"),
        ("", ""),
        ("_", "x"),
    ],
)
def test_a_name_becomes_the_label_that_flyte_writes(name: str, label: str) -> None:
    assert label_value(name) == label


@given(st.text(min_size=1, max_size=300))
def test_every_label_is_one_that_kubernetes_takes(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", label_value(name))
