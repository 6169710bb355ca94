"""Settings of the stack that nothing reads.

Flyte's plugin refuses them too, but a program of apps alone may never start it: a mistyped `flyte:egress` would leave
everything open without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pulumi.runtime import config

from pulumi_flyte.arguments.stack_configuration import stack_configuration
from pulumi_flyte.problems import Problem, nearest

_PREFIX = "flyte:"


def unknown_setting_problems(keys: Iterable[str]) -> Iterator[Problem]:
    """Yield a problem for each key of the stack configuration that is spelled as no setting is."""
    settings = stack_configuration()
    for key in sorted(keys):
        if key.startswith(_PREFIX) and key.removeprefix(_PREFIX) not in settings:
            yield Problem(key, f"unknown setting{nearest(key.removeprefix(_PREFIX), settings)}")


def configured_keys() -> set[str]:
    """Return the keys of the stack configuration."""
    return {*config.get_config_env(), *config.CONFIG.get()}
