"""The Deployment of an app. Pure."""

from __future__ import annotations

import math

from pulumi_flyte.arguments.health import Health
from pulumi_flyte.arguments.scaling import Scaling
from pulumi_flyte.platforms.kubernetes.labels import selector
from pulumi_flyte.platforms.kubernetes.objects import Body
from pulumi_flyte.platforms.kubernetes.pod_rules import PodRules
from pulumi_flyte.platforms.kubernetes.probes import start_seconds
from pulumi_flyte.workload.app_spec import AppSpec

# Seconds for a node to fetch an image and start its container.
_FETCH_SECONDS = 180


def deployment_spec(spec: AppSpec, template: Body, rules: PodRules) -> Body:
    """Return the property `spec` of a Deployment. Where replicas range, it begins with the least number."""
    least, _ = replica_bounds(spec.options.scaling)
    return {
        "replicas": least,
        "selector": {"matchLabels": selector(spec.name)},
        "revisionHistoryLimit": rules.revision_history,
        "progressDeadlineSeconds": progress_seconds(spec.options.health),
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxSurge": rules.max_surge, "maxUnavailable": rules.max_unavailable},
        },
        "template": template,
    }


def has_range(scaling: Scaling | None) -> bool:
    """Return whether the number of replicas is an autoscaler's."""
    least, most = replica_bounds(scaling)
    return least < most


def replica_bounds(scaling: Scaling | None) -> tuple[int, int]:
    """Return the least and the greatest number of replicas. One stays, as Kubernetes starts none for a request."""
    least, most = declared_bounds(scaling)
    return max(least, 1), most


def declared_bounds(scaling: Scaling | None) -> tuple[int, int]:
    """Return the declared bounds, by default one replica."""
    return (None if scaling is None else scaling.bounds) or (1, 1)


def progress_seconds(health: Health | None) -> int:
    """Return the seconds within which a rollout has to start one more pod."""
    return _FETCH_SECONDS + math.ceil(start_seconds(health))


def rollout_seconds(spec: AppSpec) -> float:
    """Return the seconds that a whole rollout may take: the image is fetched once, and pods start one by one."""
    most = replica_bounds(spec.options.scaling)[1]
    return _FETCH_SECONDS + start_seconds(spec.options.health) * most
