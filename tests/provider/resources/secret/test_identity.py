"""The identity of a secret in an id or in inputs."""

from __future__ import annotations

import pytest
from pulumi_flyte_provider.errors import ProviderError
from pulumi_flyte_provider.resources.secret.identity import SecretIdentity


@pytest.mark.parametrize("id", ["key", "development/key", "shop/development/key"])
def test_an_id_names_the_secret_that_it_is_of(id: str) -> None:
    secret = SecretIdentity.parse(id, "acme")
    assert secret.id == id
    assert SecretIdentity.of(secret.properties) == secret


@pytest.mark.parametrize("id", ["", "/key", "a/b/c/d", "shop//key"])
def test_an_id_of_another_form_is_refused(id: str) -> None:
    with pytest.raises(ProviderError, match="expected name, domain/name or project/domain/name"):
        SecretIdentity.parse(id, "acme")


def test_a_workload_finds_the_secrets_of_its_domain_and_of_everybody() -> None:
    secret = SecretIdentity("acme", "shop", "development", "key")
    assert [wider.id for wider in secret.wider()] == ["development/key", "key"]
