"""Objects that somebody else has made, or may have made, are not taken over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest
from pulumi.resource import DependencyProviderResource
from pulumi_flyte.platforms.kubernetes.connection import Connection
from pulumi_flyte.platforms.kubernetes.guard import refuse_foreign
from pulumi_flyte.platforms.kubernetes.ownership import OWNER

from tests.components.platforms.kubernetes.cluster_api import cluster_with, kubeconfig_of

MARK = "shop/dev/Service/web"
SERVICE = "/api/v1/namespaces/others/services/web"


def service(mark: str) -> dict[str, Any]:
    metadata = {"name": "web", "namespace": "others", "annotations": {OWNER: mark}}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata}


def refusal(kubeconfig: str, properties: Mapping[str, Any], *, is_new: bool = True) -> str | None:
    """Return the message about an object that is to be made, if it is refused."""
    try:
        asyncio.run(refuse_foreign(Connection(kubeconfig, None), properties, is_new=is_new))
    except pulumi.RunError as error:
        return str(error)
    return None


def test_what_is_not_there_is_made() -> None:
    with cluster_with({}) as kubeconfig:
        assert refusal(kubeconfig, service(MARK)) is None


def test_what_somebody_else_made_is_refused() -> None:
    with cluster_with({SERVICE: service("")}) as kubeconfig:
        assert "the Service 'web' exists already" in str(refusal(kubeconfig, service(MARK)))


@pytest.mark.parametrize("status", [401, 403, 500])
def test_what_the_cluster_does_not_show_is_refused(status: int) -> None:
    with cluster_with({}, status=status) as kubeconfig:
        message = str(refusal(kubeconfig, service(MARK)))
    assert "it is not known whether the Service 'web' exists already" in message
    assert "adopt=True" in message


def test_a_namespace_that_the_cluster_does_not_show_can_be_left_to_others() -> None:
    properties = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "annotations": {OWNER: MARK}}}
    with cluster_with({}, status=403) as kubeconfig:
        message = str(refusal(kubeconfig, properties))
    assert "it answers Forbidden" in message
    assert "create_namespace" in message


def test_a_cluster_that_does_not_answer_refuses_all() -> None:
    message = str(refusal(kubeconfig_of("http://127.0.0.1:1"), service(MARK)))
    assert "it does not answer" in message
    assert "hunter2" not in message


def test_a_kind_that_the_cluster_has_not_is_left_to_the_provider() -> None:
    route = {**service(MARK), "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute"}
    with cluster_with({}) as kubeconfig:
        assert refusal(kubeconfig, route) is None


def test_an_object_that_this_stack_made_under_another_name_is_refused_only_where_it_is_made_anew() -> None:
    with cluster_with({SERVICE: service("shop/dev/Service/former")}) as kubeconfig:
        assert refusal(kubeconfig, service(MARK), is_new=False) is None
        assert refusal(kubeconfig, service(MARK)) is not None
    with cluster_with({SERVICE: service("shop/prod/Service/web")}) as kubeconfig:
        assert refusal(kubeconfig, service(MARK), is_new=False) is not None


async def connection_of_reference() -> Connection | None:
    return Connection.of(DependencyProviderResource("urn:pulumi:dev::shop::pulumi:providers:kubernetes::other::1f2e"))


def test_a_provider_of_another_language_is_not_taken_for_the_machines_own_cluster() -> None:
    assert asyncio.run(connection_of_reference()) is None
