"""Changes in words: what is lost, the reasons, and who has to look."""

from __future__ import annotations

from pulumi_flyte_review.model.reason import UpstreamReason
from pulumi_flyte_review.model.report import Change
from pulumi_flyte_review.rendering.causes import Causes
from pulumi_flyte_review.rendering.changes import dependents, explanations, notes_of

from tests.review.rendering.words import words


def test_what_one_other_workload_brings_is_one_sentence() -> None:
    reasons = (UpstreamReason("app api", "endpoint"), UpstreamReason("app api", "credential"))
    (sentence,) = explanations(Change("app", "web", "u", "update", reasons), Causes())
    assert words(sentence) == "app `api` gets another place and asks its callers for other credentials"


def test_callers_that_change_themselves_are_not_named_again() -> None:
    api = Change("app", "api", "a", "update", dependents=("app web", "task train"))
    causes = Causes([api, Change("task", "train", "t", "update")])
    assert words(dependents(api, causes)) == "called by app `web`"


def test_a_loss_is_said() -> None:
    assert notes_of(Change("app", "web", "u", "delete")) == ["its address stops answering"]
    assert notes_of(Change("app", "web", "u", "update", resources=("u",))) == ["in Pulumi's state only"]
    assert notes_of(Change("app", "web", "u", "update", restarts=True, resources=("u", "c"))) == ["restarts"]
