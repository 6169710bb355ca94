"""The PodDisruptionBudget of an app: how many pods a drain of nodes leaves running. Pure."""

from __future__ import annotations

from pulumi_flyte.platforms.kubernetes.deployment import replica_bounds
from pulumi_flyte.platforms.kubernetes.labels import selector
from pulumi_flyte.platforms.kubernetes.objects import Body
from pulumi_flyte.platforms.kubernetes.pod_rules import PodRules
from pulumi_flyte.workload.app_spec import AppSpec


def has_budget(spec: AppSpec, rules: PodRules) -> bool:
    """Return whether an app gets a budget. A budget of a single pod would keep its node from ever being drained."""
    least = replica_bounds(spec.options.scaling)[0]
    return rules.disruption_budget and least >= 2 and spec.options.active is not False


def budget_spec(app: str, rules: PodRules) -> Body:
    """Return the property `spec` of a budget: one pod at a time goes, where nothing else is said."""
    limit = {"maxUnavailable": 1} if rules.min_available is None else {"minAvailable": rules.min_available}
    return {
        **limit,
        "selector": {"matchLabels": selector(app)},
        # A pod that is not ready serves nobody: it may always go, so that a broken app does not stop a drain.
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }
