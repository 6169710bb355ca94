"""The provider's settings as a value."""

from __future__ import annotations

from pulumi_flyte_provider.flyte_api import settings
from pulumi_flyte_provider.properties.values import Secret


def test_printing_settings_hides_the_key() -> None:
    assert "t0ken" not in repr(settings.parse({"apiKey": Secret("t0ken")}))
