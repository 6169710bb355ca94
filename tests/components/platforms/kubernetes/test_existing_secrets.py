"""Secrets that others keep are looked up before the pods that read them are made."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pulumi
from pulumi_flyte.platforms.kubernetes.cluster_reading import ClusterReader
from pulumi_flyte.platforms.kubernetes.existing_secrets import ExistingEntry, refuse_missing
from pulumi_flyte.platforms.kubernetes.pod import PodContents
from pulumi_flyte.platforms.kubernetes.variables import SecretEntry, SecretFile

from tests.components.platforms.kubernetes.cluster_api import cluster_with

SECRET = {"/api/v1/namespaces/shop/secrets/db": {"kind": "Secret", "data": {"password": "eA==", "user": "eA=="}}}


def refusal(kubeconfig: str, entries: Sequence[ExistingEntry]) -> str | None:
    """Return why pods that read these entries are not made, if so."""
    try:
        asyncio.run(refuse_missing(ClusterReader(kubeconfig, None), "shop", entries))
    except pulumi.RunError as error:
        return str(error)
    return None


def test_a_secret_that_is_there_lets_its_readers_be_made() -> None:
    with cluster_with(SECRET) as kubeconfig:
        assert refusal(kubeconfig, [ExistingEntry("db", "password")]) is None


def test_every_secret_and_entry_that_is_missing_is_named() -> None:
    with cluster_with(SECRET) as kubeconfig:
        message = str(refusal(kubeconfig, [ExistingEntry("db", "value"), ExistingEntry("gone", "value")]))
    first, second = message.splitlines()
    assert "the Secret 'db' has no entry 'value'" in first
    assert "password, user" in first
    assert "there is no Secret 'gone' in the namespace 'shop'" in second


def test_secrets_that_may_not_be_read_stop_nobody() -> None:
    with cluster_with({}, status=403) as kubeconfig:
        assert refusal(kubeconfig, [ExistingEntry("db", "password")]) is None


async def entries_of_others() -> list[ExistingEntry]:
    made = SecretEntry(pulumi.Output.from_input("api-key-1f2e3d4c"), "value")
    contents = PodContents(
        image="web:1",
        secrets={"A": SecretEntry("db", "user"), "B": SecretEntry("db", "user"), "C": made},
        files=[SecretFile("/etc/secrets", "token", SecretEntry("vault", "value"))],
    )
    return contents.existing_entries


def test_only_secrets_of_others_are_looked_up() -> None:
    assert asyncio.run(entries_of_others()) == [ExistingEntry("db", "user"), ExistingEntry("vault", "value")]
