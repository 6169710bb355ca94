"""The Service of an app: its address within the cluster, on port 80. Pure."""

from __future__ import annotations

from pulumi_flyte.platforms.kubernetes.labels import selector
from pulumi_flyte.platforms.kubernetes.objects import Body
from pulumi_flyte.platforms.kubernetes.probes import PORT_NAME

PORT = 80


def service_spec(app: str) -> Body:
    """Return the property `spec` of a Service."""
    return {
        "type": "ClusterIP",
        "selector": selector(app),
        "ports": [{"name": PORT_NAME, "port": PORT, "targetPort": PORT_NAME, "protocol": "TCP"}],
    }
