"""The HorizontalPodAutoscaler of an app whose replicas range. Pure."""

from __future__ import annotations

from pulumi_flyte.arguments.scaling import Scaling
from pulumi_flyte.arguments.values import seconds
from pulumi_flyte.platforms.kubernetes.deployment import replica_bounds
from pulumi_flyte.platforms.kubernetes.objects import DEPLOYMENT, Body
from pulumi_flyte.platforms.kubernetes.pod_rules import PodRules

# The most that Kubernetes takes.
MOST_STABILIZATION = 3600


def autoscaler_spec(app: str, scaling: Scaling | None, rules: PodRules) -> Body:
    """Return the property `spec` of an autoscaler that looks at the CPU of the pods."""
    least, most = replica_bounds(scaling)
    pause = None if scaling is None else seconds(scaling.scaledown_after)
    behavior = {} if pause is None else {"behavior": {"scaleDown": {"stabilizationWindowSeconds": round(pause)}}}
    return {
        "scaleTargetRef": {"apiVersion": DEPLOYMENT.api_version, "kind": DEPLOYMENT.name, "name": app},
        "minReplicas": least,
        "maxReplicas": most,
        "metrics": [
            {
                "type": "Resource",
                "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": rules.cpu_target}},
            }
        ],
        **behavior,
    }
