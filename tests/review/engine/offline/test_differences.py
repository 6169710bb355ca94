"""Differences of inputs, where some are unknown."""

from __future__ import annotations

from pulumi_flyte_provider.properties.values import UNKNOWN, Secret
from pulumi_flyte_review.engine.offline.program.differences import differences, ignoring, without_unmoved

DATABASE = "urn:pulumi:dev::shop::aws:rds:Instance::db"


def moved(before: dict[str, object], after: dict[str, object], *, changed: bool) -> list[str]:
    changing = frozenset({DATABASE}) if changed else frozenset()
    depends_on = {"env": frozenset({DATABASE})}
    return [each.path for each in without_unmoved(differences(before, after), before, after, depends_on, changing)]


def test_an_unknown_value_counts_only_if_what_it_comes_from_changes() -> None:
    inputs: dict[str, object] = {"env": {"URL": UNKNOWN}, "port": 8080}
    assert moved(inputs, inputs, changed=False) == []
    assert moved(inputs, inputs, changed=True) == ["env.URL"]
    assert moved(inputs, {**inputs, "port": 8081}, changed=False) == ["port"]


def test_a_value_that_becomes_unknown_counts() -> None:
    assert moved({"env": {"URL": "x"}}, {"env": {"URL": UNKNOWN}}, changed=False) == ["env.URL"]


def test_a_secret_is_compared_by_its_value() -> None:
    assert not differences({"key": Secret("a")}, {"key": "a"})
    assert differences({"key": Secret("a")}, {"key": Secret("b")})


def test_a_path_below_one_that_needs_a_new_resource_does_too() -> None:
    changes = differences(
        {"spec": {"selector": {"a": 1}, "x": 1}}, {"spec": {"selector": {"a": 2}, "x": 2}}, ["spec.selector"]
    )
    assert {(each.path, each.replace) for each in changes} == {("spec.selector.a", True), ("spec.x", False)}


def test_ignored_paths_keep_their_former_values() -> None:
    before, after = {"a": {"b": 1, "c": 1}, "d": 1}, {"a": {"b": 2, "c": 2}, "d": 2, "e": 2}
    assert ignoring(["a.b", "d", "e"], before, after) == {"a": {"b": 1, "c": 2}, "d": 1}
