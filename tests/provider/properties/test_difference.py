"""Differences between properties."""

from __future__ import annotations

from hypothesis import given
from pulumi_flyte_provider.properties.difference import compare
from pulumi_flyte_provider.properties.values import Properties, has_unknown

from tests.provider.properties.strategies import PROPERTIES


@given(PROPERTIES)
def test_properties_differ_from_themselves_only_where_they_are_unknown(properties: Properties) -> None:
    assert bool(compare(properties, properties)) == has_unknown(properties)
