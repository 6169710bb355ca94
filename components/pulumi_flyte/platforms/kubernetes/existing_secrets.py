"""Looks up the Secrets that others keep before the pods that read them are made.

A pod without its Secret waits for ever, so that a rollout would end only with its time limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pulumi

from pulumi_flyte.platforms.kubernetes.cluster_reading import ClusterReader, UnreadableError
from pulumi_flyte.platforms.kubernetes.failures import missing_entry, missing_secret


class ExistingEntry(NamedTuple):
    """An entry of a Secret that this program does not make."""

    secret: str
    entry: str


async def refuse_missing(cluster: ClusterReader, namespace: str, secrets: Sequence[ExistingEntry]) -> None:
    """Raise RunError with every Secret, or entry of one, that is not there.

    What may not be read counts as being there: its pods say more.
    """
    problems = await asyncio.to_thread(lambda: list(_problems(cluster, namespace, secrets)))
    if problems:
        raise pulumi.RunError("\n".join(problems))


def _problems(cluster: ClusterReader, namespace: str, secrets: Sequence[ExistingEntry]) -> Iterator[str]:
    for name, entry in secrets:
        try:
            entries = cluster.secret_entries(namespace, name)
        except UnreadableError as error:
            pulumi.log.debug(f"the Secret {name!r} could not be read: {error}")
            continue
        if entries is None:
            yield missing_secret(name, namespace)
        elif entry not in entries:
            yield missing_entry(name, entry, entries)
