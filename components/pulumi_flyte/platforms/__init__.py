"""The platforms: what differs between them, and nothing else. A component asks; it never compares names."""

from __future__ import annotations

from pulumi_flyte.naming.names import Platform as PlatformName
from pulumi_flyte.platforms.base import Platform
from pulumi_flyte.platforms.flyte import FlytePlatform
from pulumi_flyte.platforms.local import LocalPlatform
from pulumi_flyte.problems import Problems

_PLATFORMS: dict[PlatformName, Platform] = {"local": LocalPlatform(), "flyte": FlytePlatform()}


def platform_for(name: PlatformName, problems: Problems) -> Platform:
    """The platform of that name."""
    if name not in _PLATFORMS:
        problems.add("environment.platform", f"{name!r} cannot run workloads yet: use one of {', '.join(_PLATFORMS)}")
    return _PLATFORMS.get(name, _PLATFORMS["local"])


__all__ = ["Platform", "platform_for"]
