"""The stack's configuration, as the program has it."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi.runtime.config import CONFIG, get_config_env, get_config_secret_keys_env, is_config_secret


def plain_configuration() -> Mapping[str, str]:
    """Return the whole configuration but its secrets.

    The environment of a plugin has the settings of its package as well, without the package in their names, and does
    not say which of them are secret.
    """
    secret = set(get_config_secret_keys_env())
    values = {**get_config_env(), **CONFIG.get()}
    return {
        key: value
        for key, value in sorted(values.items())
        if ":" in key and key not in secret and not is_config_secret(key) and isinstance(value, str)
    }
