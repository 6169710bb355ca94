"""The number of an app's pods."""

from __future__ import annotations

from pulumi_flyte.arguments.scaling import Scaling
from pulumi_flyte.platforms.kubernetes.autoscaler import autoscaler_spec
from pulumi_flyte.platforms.kubernetes.pod_rules import PodRules


def test_one_replica_stays_where_flyte_code_scales_to_zero() -> None:
    spec = autoscaler_spec("web", Scaling(replicas=(0, 3)), PodRules())
    assert (spec["minReplicas"], spec["maxReplicas"]) == (1, 3)
