"""The rights without which an `up` would never end are asked for before it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pulumi
from pulumi_flyte.platforms.kubernetes.cluster_reading import ClusterReader
from pulumi_flyte.platforms.kubernetes.rollout_rights import refuse_unwatchable

from tests.components.platforms.kubernetes.cluster_api import cluster_with, kubeconfig_of

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def review(spec: Mapping[str, Mapping[str, str]]) -> object:
    """Answer for an account that may list all kinds, and may watch Deployments and claims only."""
    asked_for = spec["resourceAttributes"]
    assert asked_for["namespace"] == "shop"
    allowed = asked_for["verb"] == "list" or asked_for["resource"] in ("deployments", "persistentvolumeclaims")
    return {"spec": spec, "status": {"allowed": allowed}}


def refusal(kubeconfig: str) -> str | None:
    try:
        asyncio.run(refuse_unwatchable(ClusterReader(kubeconfig, None), "shop"))
    except pulumi.RunError as error:
        return str(error)
    return None


def test_every_kind_that_may_not_be_watched_is_named() -> None:
    with cluster_with({}, reviews={REVIEWS: review}) as kubeconfig:
        message = str(refusal(kubeconfig))
    assert "may not list and watch replicasets.apps, pods in the namespace 'shop'" in message
    assert "Role" in message


def test_an_account_that_may_watch_all_of_them_goes_on() -> None:
    with cluster_with({}, reviews={REVIEWS: lambda spec: {"spec": spec, "status": {"allowed": True}}}) as kubeconfig:
        assert refusal(kubeconfig) is None


def test_a_cluster_that_does_not_say_stops_nobody() -> None:
    for status in (403, 404):
        with cluster_with({}, status=status) as kubeconfig:
            assert refusal(kubeconfig) is None
    assert refusal(kubeconfig_of("http://127.0.0.1:1")) is None
