"""The configuration that an Environment keeps in the state: the same in a program and in the plugin."""

from __future__ import annotations

import contextvars
import json

import pytest
from pulumi.runtime.config import set_all_config
from pulumi_flyte.engine.configuration import plain_configuration

STACK = {"flyte:localPort": "8490", "shop:greeting": "hello", "flyte:apiKey": "secret-key"}


def configuration() -> dict[str, str]:
    set_all_config(STACK, ["flyte:apiKey"])
    return dict(plain_configuration())


def test_the_settings_in_a_plugins_environment_are_no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine starts a plugin with the settings of its package, secrets in plain."""
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"localPort": "8490", "apiKey": "secret-key"}))
    monkeypatch.delenv("PULUMI_CONFIG_SECRET_KEYS", raising=False)
    values = contextvars.copy_context().run(configuration)
    assert values == {"flyte:localPort": "8490", "shop:greeting": "hello"}
