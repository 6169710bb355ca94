"""Asks for the rights without which nobody can see a rollout end.

pulumi-kubernetes watches the objects that take part in a rollout. It waits for the first list of each kind without a
limit, so an `up` by an account that may not list them would never end.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import pulumi

from pulumi_flyte.platforms.kubernetes.cluster_reading import ClusterReader, UnreadableError

_VERBS = ("list", "watch")


class Watched(NamedTuple):
    """A kind of objects, by the name that a Role has for it."""

    group: str
    resource: str


WATCHED = (
    Watched("apps", "deployments"),
    Watched("apps", "replicasets"),
    Watched("", "pods"),
    Watched("", "persistentvolumeclaims"),
)


async def refuse_unwatchable(cluster: ClusterReader, namespace: str) -> None:
    """Raise RunError if the account may not watch a rollout in this namespace.

    A cluster that does not say what an account may do stops nobody.
    """
    try:
        missing = await asyncio.to_thread(_unwatchable, cluster, namespace)
    except UnreadableError as error:
        pulumi.log.debug(f"the rights of the account could not be read: {error}")
        return
    if missing:
        raise pulumi.RunError(missing_rights(namespace, missing))


def missing_rights(namespace: str, missing: list[Watched]) -> str:
    """Return the message about kinds of objects that the account may not watch."""
    listed = ", ".join(".".join(filter(None, (each.resource, each.group))) for each in missing)
    return (
        f"the account of the kubeconfig may not list and watch {listed} in the namespace {namespace!r}, so `pulumi up`"
        " could not see a rollout end. Give it a Role there with the verbs get, list and watch for them"
    )


def _unwatchable(cluster: ClusterReader, namespace: str) -> list[Watched]:
    return [
        each for each in WATCHED if not all(cluster.may(verb, each.group, each.resource, namespace) for verb in _VERBS)
    ]
