"""The inputs of `flyte:local:Server`."""

from __future__ import annotations

from pulumi_flyte_provider.properties.field_types import NonEmpty, Port
from pulumi_flyte_provider.properties.shape import Shape, optional_field


class ServerInputs(Shape):
    """The embedded control plane of this machine."""

    port: Port | None = optional_field("The loopback port; by default flyte:localPort, 8480.")
    home: NonEmpty | None = optional_field("The folder of its state. Default: flyte:localHome, or a per-user folder.")
