"""Every setting of the stack configuration is described, and is known to the plugin."""

from __future__ import annotations

from pulumi_flyte.arguments.stack_configuration import stack_configuration
from pulumi_flyte_provider.flyte_api.settings import COMPONENT_PROPERTIES, PROPERTIES


def test_the_plugin_takes_exactly_the_settings_that_are_described() -> None:
    assert set(stack_configuration()) == {*PROPERTIES, *COMPONENT_PROPERTIES}


def test_what_the_plugin_reads_and_what_it_leaves_to_the_components_are_apart() -> None:
    assert not COMPONENT_PROPERTIES & PROPERTIES.keys()


def test_credentials_are_secrets() -> None:
    secrets = {name for name, about in stack_configuration().items() if about.secret}
    assert secrets == {"apiKey", "containerApiKey", "registryPassword", "buildSecrets"}
