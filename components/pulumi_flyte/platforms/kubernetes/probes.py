"""The probes of an app, from its health path.

Kubernetes asks three questions: has it started, may it get requests, does it live. One path answers all of them, with
different patience.
"""

from __future__ import annotations

import math

from pulumi_flyte.arguments.health import Health
from pulumi_flyte.arguments.values import seconds
from pulumi_flyte.platforms.kubernetes.objects import Body

PORT_NAME = "http"
# The default of the seconds that an app may take to start, as on the other platforms.
START_SECONDS = 60.0
_START_PERIOD = 1


def start_seconds(health: Health | None) -> float:
    """Return the seconds that an app may take until it answers."""
    return (None if health is None else seconds(health.timeout)) or START_SECONDS


def probes(health: Health | None) -> dict[str, Body]:
    """Return the probes of a container. Without a health path, its port has to take connections."""
    check: Body = {"tcpSocket": {"port": PORT_NAME}}
    if health is not None:
        check = {"httpGet": {"path": health.path, "port": PORT_NAME}}
    attempts = math.ceil(start_seconds(health) / _START_PERIOD)
    return {
        "startupProbe": {
            **check,
            "periodSeconds": _START_PERIOD,
            "timeoutSeconds": 3,
            "failureThreshold": attempts,
        },
        "readinessProbe": {**check, "periodSeconds": 5, "timeoutSeconds": 3, "failureThreshold": 3},
        # A minute without an answer: an app that is merely busy is taken out of the Service, and not restarted.
        "livenessProbe": {**check, "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 6},
    }
