"""An autoscaler that an app no longer has keeps to the app's number until it is gone."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_flyte.platforms.kubernetes.autoscaler_pin import pin_autoscaler, release_autoscaler
from pulumi_flyte.platforms.kubernetes.cluster_reading import ClusterReader
from pulumi_flyte.platforms.kubernetes.ownership import OWNER

from tests.components.platforms.kubernetes.cluster_api import cluster_with

PATH = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web"


def deployment(replicas: int) -> dict[str, Any]:
    annotations = {OWNER: "shop/dev/Deployment/web"}
    metadata = {"name": "web", "namespace": "shop", "annotations": annotations}
    return {"metadata": metadata, "spec": {"replicas": replicas}}


def autoscaler(owner: str) -> dict[str, Any]:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "shop", "annotations": {OWNER: owner}},
        "spec": {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 6},
    }


def bounds(autoscaler: dict[str, Any]) -> tuple[int, int]:
    return autoscaler["spec"]["minReplicas"], autoscaler["spec"]["maxReplicas"]


async def test_it_gets_the_number_and_after_a_failure_its_range_again() -> None:
    ours = autoscaler("shop/dev/HorizontalPodAutoscaler/web")
    with cluster_with({PATH: ours}) as kubeconfig:
        cluster = ClusterReader(kubeconfig, None)
        pin = await pin_autoscaler(cluster, deployment(3))
        assert bounds(ours) == (3, 3)
        assert pin is not None
        await release_autoscaler(cluster, pin)
        assert bounds(ours) == (2, 6)


async def test_one_that_something_else_has_made_stays() -> None:
    foreign = autoscaler("pay/dev/HorizontalPodAutoscaler/web")
    with cluster_with({PATH: foreign}) as kubeconfig:
        assert await pin_autoscaler(ClusterReader(kubeconfig, None), deployment(3)) is None
    assert bounds(foreign) == (2, 6)


@pytest.mark.parametrize("status", [404, 403])
async def test_an_update_goes_on_without_one_and_where_it_may_not_be_read(status: int) -> None:
    with cluster_with({}, status=status) as kubeconfig:
        assert await pin_autoscaler(ClusterReader(kubeconfig, None), deployment(3)) is None
