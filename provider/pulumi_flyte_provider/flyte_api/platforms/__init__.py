"""The platforms that the plugin deploys to. Their differences are behind one protocol; other code never tests the name
of a platform."""

from __future__ import annotations

from pulumi_flyte.naming.names import Platform

from pulumi_flyte_provider.flyte_api.config import ProviderConfig
from pulumi_flyte_provider.flyte_api.platforms.control_plane import ControlPlane
from pulumi_flyte_provider.flyte_api.platforms.flyte import FlyteControlPlane
from pulumi_flyte_provider.flyte_api.platforms.kubernetes import KubernetesControlPlane
from pulumi_flyte_provider.flyte_api.platforms.local import LocalControlPlane

_CLASSES: dict[Platform, type[LocalControlPlane] | type[FlyteControlPlane]] = {
    "local": LocalControlPlane,
    "flyte": FlyteControlPlane,
    "kubernetes": KubernetesControlPlane,
}


def control_plane(config: ProviderConfig) -> ControlPlane:
    """Return the control plane that the settings name."""
    return _CLASSES[config.platform](config)


def needs_endpoint(platform: str) -> bool:
    """Check whether `flyte:endpoint` must be set for this platform. An unknown platform needs nothing."""
    return any(name == platform and kind.needs_endpoint for name, kind in _CLASSES.items())


def api_url(platform: Platform, endpoint: str, *, insecure: bool, local_port: int) -> str:
    """Return the URL of the Flyte API. `endpoint` is the setting, or an empty text."""
    return _CLASSES[platform].api_url(endpoint, insecure=insecure, local_port=local_port)
