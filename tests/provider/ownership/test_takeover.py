"""The rules for objects that exist already."""

from __future__ import annotations

import pytest
from pulumi_flyte_provider.errors import OwnershipError
from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.ownership.mark import Mark
from pulumi_flyte_provider.ownership.takeover import Subject
from pulumi_flyte_provider.properties.difference import Change, Difference

OURS = "shop/dev/flyte:api:App::web"
SIBLING = "shop/dev/flyte:api:App::other"
THEIRS = "lab/prod/flyte:api:App::web"
SUBJECT = Subject("flyte:api:App", "shop/development/web", "the app shop/development/web")


def test_an_interrupted_create_is_finished() -> None:
    takeover.require_free(SUBJECT, Mark(owner=OURS), OURS, adopt=False)


@pytest.mark.parametrize(
    ("mark", "way_out"),
    [
        (None, "pulumi import flyte:api:App NAME shop/development/web"),
        (Mark(owner=SIBLING), "name it in `aliases`"),
        (Mark(owner=THEIRS), "pulumi config set flyte:project shop-dev"),
    ],
)
def test_an_object_that_is_not_ours_is_refused_with_the_way_out(mark: Mark | None, way_out: str) -> None:
    with pytest.raises(OwnershipError, match=r"the app shop/development/web (exists already|is managed by)") as caught:
        takeover.require_free(SUBJECT, mark, OURS, adopt=False)
    assert way_out in str(caught.value)
    takeover.require_free(SUBJECT, mark, OURS, adopt=True)


def test_an_object_of_the_same_stack_needs_no_import() -> None:
    takeover.require_importable(SUBJECT.title, OURS, OURS)
    for marked, way_out in ((SIBLING, "`pulumi up` takes it in"), (THEIRS, "adopt=true instead of importing")):
        with pytest.raises(OwnershipError, match=way_out):
            takeover.require_importable(SUBJECT.title, marked, OURS)


def test_an_update_takes_back_nothing_that_somebody_else_adopted() -> None:
    with pytest.raises(OwnershipError, match="has been taken over by lab/prod/"):
        takeover.require_ours(SUBJECT, Mark(owner=THEIRS), OURS, OURS, adopt=False)
    for mark in (None, Mark(owner=OURS), Mark(owner=SIBLING)):
        takeover.require_ours(SUBJECT, mark, SIBLING, OURS, adopt=False)


def test_a_read_never_records_somebody_else_as_the_owner() -> None:
    assert takeover.recorded_owner(None, Mark(owner=THEIRS), OURS) is None
    assert takeover.recorded_owner(None, Mark(owner=OURS), OURS) == OURS
    assert takeover.recorded_owner(SIBLING, Mark(owner=THEIRS), OURS) == SIBLING


def test_a_renamed_owner_is_a_change() -> None:
    assert takeover.with_owner(Difference(), OURS, OURS) == Difference()
    assert takeover.with_owner(Difference(), None, OURS) == Difference()
    assert takeover.with_owner(Difference(), SIBLING, OURS).changes == (Change("owner", "update", output=True),)
