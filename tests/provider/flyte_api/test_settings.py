"""The provider's settings as a value."""

from __future__ import annotations

from pulumi_flyte.naming.casing import camel
from pulumi_flyte_provider.flyte_api import settings
from pulumi_flyte_provider.flyte_api.config import ProviderConfig
from pulumi_flyte_provider.plugin.schema import package_schema
from pulumi_flyte_provider.properties.values import Secret


def test_printing_settings_hides_the_key() -> None:
    assert "t0ken" not in repr(settings.parse({"apiKey": Secret("t0ken")}))


def test_the_plugin_checks_the_settings_that_the_schema_declares() -> None:
    declared = package_schema()["config"]["variables"]
    types = {str: "string", bool: "boolean", int: "integer"}
    assert {key: types[kind] for key, kind in settings.PROPERTIES.items()} == {
        key: schema.get("type", "string") for key, schema in declared.items()
    }
    assert {camel(key) for key in ProviderConfig.model_fields} | {"insecure"} == set(declared)
