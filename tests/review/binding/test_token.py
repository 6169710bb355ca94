"""A token holds as long as nothing that matters to the update has moved."""

from __future__ import annotations

from pulumi_flyte_review.binding.token import Token, token_of
from pulumi_flyte_review.model.preview import Json, Preview, PropertyChange, Snapshot, Step

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
