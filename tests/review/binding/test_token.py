"""A token holds as long as nothing that matters to the update has changed."""

from __future__ import annotations

from dataclasses import replace

from pulumi_flyte_review.binding.review import Review, operations_of
from pulumi_flyte_review.binding.staleness import Staleness, refusal, staleness
from pulumi_flyte_review.binding.token import Token, token_of
from pulumi_flyte_review.model.exports import ExportChange
from pulumi_flyte_review.model.preview import Json, Operation, Preview, PropertyChange, Snapshot, Step
from pulumi_flyte_review.model.report import Change, Report

DEPLOYMENT = "kubernetes:apps/v1:Deployment"


def token(*, type_: str, refreshed: bool, outputs: dict[str, Json], drifted: tuple[PropertyChange, ...] = ()) -> Token:
    before, after = Snapshot({"image": "web:1"}, outputs), Snapshot({"image": "web:2"})
    step = Step(f"urn:pulumi:dev::shop::{type_}::web", type_, "update", before=before, after=after, drifted=drifted)
    return token_of(Preview("shop", "dev", (step,), refreshed=refreshed), {})


def test_a_status_that_changes_by_itself_does_not_move_a_refreshed_review() -> None:
    one, other = (
        token(type_=DEPLOYMENT, refreshed=True, outputs={"status": {"readyReplicas": count}}) for count in (1, 2)
    )
    assert one.start == other.start


def test_drift_moves_a_refreshed_review() -> None:
    drift = (PropertyChange("spec.replicas", "update"),)
    one, other = (token(type_=DEPLOYMENT, refreshed=True, outputs={}, drifted=each) for each in ((), drift))
    assert one.start != other.start


def test_the_outputs_in_the_state_count_without_a_refresh_and_for_our_own_resources() -> None:
    for type_, refreshed in ((DEPLOYMENT, False), ("flyte:api:App", True)):
        one, other = (token(type_=type_, refreshed=refreshed, outputs={"version": version}) for version in ("a", "b"))
        assert one.start != other.start, type_


def of_exports(before: dict[str, Json], after: dict[str, Json]) -> Token:
    kind = "pulumi:pulumi:Stack"
    stack = Step(
        f"urn:pulumi:dev::shop::{kind}::shop-dev", kind, "same", None, Snapshot({}, before), Snapshot({}, after)
    )
    return token_of(Preview("shop", "dev", (stack,)), {})


def test_the_outputs_of_the_stack_that_change_are_bound() -> None:
    reviewed = of_exports({"url": "a", "size": 1}, {"url": "b", "size": 1})
    assert staleness(reviewed, of_exports({"url": "a", "size": 2}, {"url": "b", "size": 2})) == Staleness(), "unrelated"
    assert staleness(reviewed, of_exports({"url": "a", "size": 1}, {"url": "c", "size": 1})).program
    assert staleness(reviewed, of_exports({"url": "z", "size": 1}, {"url": "b", "size": 1})).state
    assert staleness(reviewed, of_exports({"url": "a", "size": 1}, {"url": "b", "size": 1, "more": 1})).program


def test_a_refusal_names_the_outputs_and_tells_namesakes_apart() -> None:
    def report(*exports: ExportChange, urns: tuple[str, ...] = ()) -> Report:
        changes = tuple(Change("app", "web", urn, "update") for urn in urns)
        others: dict[Operation, tuple[str, ...]] = {"create": ("aws:s3:Bucket logs", "aws:s3:Bucket logs")}
        return Report("shop", "dev", changes=changes, exports=exports, others=others)

    one, other = of_exports({}, {"url": "b"}), of_exports({}, {"url": "c", "more": 1})
    review = Review(one, operations_of(report(ExportChange("url", "add", None, "b"), urns=("urn:a", "urn:b"))))
    now = report(ExportChange("url", "add", None, "c"), ExportChange("more", "add", None, 1), urns=("urn:a",))
    message = refusal(review, other, lambda: operations_of(replace(now, others={})))
    assert message is not None
    assert "- output more: add, which was not reviewed" in message
    assert message.count("- app web: no update any more") == 1
    assert message.count("- aws:s3:Bucket logs: no create any more") == 2
