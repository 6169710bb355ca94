"""Two resources of a program that declare one object."""

from __future__ import annotations

from pulumi_flyte_provider.ownership.claims import Claims

APP = "flyte:api:App"


def test_an_identity_belongs_to_the_resource_that_claimed_it_first() -> None:
    claims = Claims()
    assert claims.claim(APP, "web", "urn:first", "the first") is None
    assert claims.claim(APP, "web", "urn:second", "the second") == "the first"
    assert claims.claim(APP, "web", "urn:first", "again") is None
    assert claims.claim("flyte:api:Task", "web", "urn:second", "a task") is None
    assert claims.holder(APP, "web") == "urn:first"


def test_a_resource_is_declared_once_it_has_a_claim() -> None:
    claims = Claims()
    claims.claim(APP, "web", "urn:first", "")
    claims.claim(APP, "web", "urn:second", "")
    assert claims.declares("urn:first")
    assert not claims.declares("urn:second")
