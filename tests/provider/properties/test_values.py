"""Secrets and unknown values inside properties."""

from __future__ import annotations

from hypothesis import given
from pulumi_flyte_provider.properties.paths import secret_paths
from pulumi_flyte_provider.properties.values import Properties, Secret, conceal, reveal

from tests.provider.properties.strategies import PROPERTIES


@given(PROPERTIES)
def test_secrets_are_put_back_where_they_were(properties: Properties) -> None:
    assert conceal(reveal(properties), properties) == properties
    assert secret_paths(reveal(properties)) == []


def test_a_secret_prints_as_stars() -> None:
    assert "hidden" not in f"{Secret('hidden')} {Secret('hidden')!r}"
