"""The platforms: what turns specifications into resources. A component asks; it never compares names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pulumi_flyte.naming.names import Platform as PlatformName
from pulumi_flyte.platforms.base import Platform
from pulumi_flyte.settings import Settings

# The packages, besides this one, whose resources platforms declare.
PACKAGES = ("kubernetes", "docker-build")


def platform_of(settings: Settings) -> Platform:
    """Return the platform of an environment. The check of its settings has refused every other name."""
    return _platform(settings.platform)


def stand_in_variables(settings: Settings) -> Mapping[str, str]:
    """Return the variables that the platform adds to every container, with nothing real in them: code is read so."""
    return _stand_in_variables(settings.platform, settings.local_port)


@cache
def _stand_in_variables(platform: PlatformName, local_port: int) -> Mapping[str, str]:
    stand_in = Settings(platform=platform, project="placeholder", local_port=local_port)
    return _platform(platform).container_variables(stand_in)


@cache
def _platform(name: PlatformName) -> Platform:
    """Import the platform that a program uses, and no other."""
    if name == "flyte":
        from pulumi_flyte.platforms.flyte import FlytePlatform

        return FlytePlatform()
    if name == "kubernetes":
        from pulumi_flyte.platforms.kubernetes.platform import KubernetesPlatform

        return KubernetesPlatform()
    from pulumi_flyte.platforms.local import LocalPlatform

    return LocalPlatform()


__all__ = ["PACKAGES", "Platform", "platform_of", "stand_in_variables"]
