"""The PodDisruptionBudget of an app: how many pods a drain of nodes leaves running. Pure."""

from __future__ import annotations

import math

from pulumi_flyte.arguments.cluster_values import PodCount
from pulumi_flyte.platforms.kubernetes.deployment import replica_bounds
from pulumi_flyte.platforms.kubernetes.labels import selector
from pulumi_flyte.platforms.kubernetes.objects import Body
from pulumi_flyte.platforms.kubernetes.pod_rules import PodRules
from pulumi_flyte.workload.app_spec import AppSpec


def has_budget(spec: AppSpec, rules: PodRules) -> bool:
    """Return whether an app gets a budget. A budget for a single pod would block every drain of its node."""
    least = replica_bounds(spec.options.scaling)[0]
    return rules.disruption_budget and least >= 2 and spec.options.active is not False


def budget_problem(spec: AppSpec, rules: PodRules) -> str | None:
    """Return why a budget would block every drain of a node, or None if it lets a pod go."""
    least = replica_bounds(spec.options.scaling)[0]
    if not has_budget(spec, rules) or rules.min_available is None or _pods(rules.min_available, least) < least:
        return None
    return (
        f"it keeps all {least} pods running, so no node with one of them could be drained: require fewer than {least},"
        " or have more replicas"
    )


def _pods(count: PodCount, replicas: int) -> int:
    """Return a number of pods. Kubernetes rounds a share of them up."""
    if isinstance(count, int):
        return count
    return math.ceil(replicas * int(count.removesuffix("%")) / 100)


def budget_spec(app: str, rules: PodRules) -> Body:
    """Return the property `spec` of a budget. By default one pod at a time may go."""
    limit = {"maxUnavailable": 1} if rules.min_available is None else {"minAvailable": rules.min_available}
    return {
        **limit,
        "selector": {"matchLabels": selector(app)},
        # A pod that is not ready serves no requests. It may always go, so that a broken app does not block a drain.
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }
