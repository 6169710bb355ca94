"""The URNs that a resource had before it was renamed or moved."""

from __future__ import annotations

from pulumi_flyte_review.engine.offline.program.aliases import Alias, former_urns

APP, CHILD = "flyte:index:App", "flyte:api:App"


def urn(types: str, name: str, project: str = "shop") -> str:
    return f"urn:pulumi:dev::{project}::{types}::{name}"


def test_each_part_of_an_alias_may_be_another() -> None:
    now = urn(APP, "web")
    aliases = [Alias(name="site"), Alias(project="old"), Alias(urn="urn:whole"), Alias(type="x:y:Z")]
    assert former_urns(now, "", aliases, {}) == (
        urn(APP, "site"),
        urn(APP, "web", "old"),
        "urn:whole",
        urn("x:y:Z", "web"),
    )


def test_a_child_follows_the_alias_of_its_parent() -> None:
    parent, older = urn(APP, "web"), urn(APP, "site")
    child = urn(f"{APP}${CHILD}", "web-calls-backend")
    assert former_urns(child, parent, [], {parent: (older,)}) == (urn(f"{APP}${CHILD}", "site-calls-backend"),)


def test_a_moved_resource_had_another_parent_or_none() -> None:
    team = urn("acme:index:Team", "team")
    moved = urn(f"acme:index:Team${APP}", "web")
    assert former_urns(moved, team, [Alias(has_parent=False)], {}) == (urn(APP, "web"),)
    elsewhere = urn("acme:index:Unit", "unit")
    assert former_urns(moved, team, [Alias(parent=elsewhere)], {}) == (urn(f"acme:index:Unit${APP}", "web"),)
