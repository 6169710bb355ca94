"""Keeps an autoscaler from a number of replicas that the program has taken over from it.

The engine deletes an autoscaler that the program no longer declares after all other changes. Until then it would set
its own number again, every 15 seconds, and that number would stay. So the program's number becomes both of its bounds
before its app is updated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from pulumi_flyte.platforms.kubernetes.cluster_reading import TIMEOUT, ClusterReader, UnreadableError
from pulumi_flyte.platforms.kubernetes.ownership import OWNER, is_of_same_stack


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned autoscaler, and the bounds that it had before."""

    namespace: str
    name: str
    least: int
    most: int


async def pin_autoscaler(cluster: ClusterReader, deployment: Mapping[str, Any]) -> Pin | None:
    """Pin the autoscaler of a Deployment with these properties to its number. Return None if this stack has made none.

    An account that may not change an autoscaler may not delete it either, which is then the engine's message.
    """
    try:
        pin = await asyncio.to_thread(cluster.call, lambda client: _read(client, deployment["metadata"]))
    except UnreadableError as error:
        pulumi.log.debug(f"the autoscaler could not be read: {error}")
        return None
    if pin is not None:
        replicas = deployment["spec"]["replicas"]
        # The pin is returned also after an error, as only the answer may be lost.
        try:
            await asyncio.to_thread(cluster.call, lambda client: _set_bounds(client, pin, replicas, replicas))
        except UnreadableError as error:
            pulumi.log.debug(f"the autoscaler could not be pinned: {error}")
    return pin


async def release_autoscaler(cluster: ClusterReader, pin: Pin) -> None:
    """Give an autoscaler its former bounds, as the update of its app failed."""
    try:
        await asyncio.to_thread(cluster.call, lambda client: _set_bounds(client, pin, pin.least, pin.most))
    except UnreadableError as error:
        pulumi.log.warn(
            f"the autoscaler {pin.name!r} may have kept the number of replicas that could not be set ({error}):"
            " `pulumi refresh` and `pulumi up` give it its range back"
        )


def _read(client: Any, metadata: Mapping[str, Any]) -> Pin | None:
    """Return the autoscaler of a Deployment with this metadata, or None if something else has made it."""
    namespace, name = metadata["namespace"], metadata["name"]
    autoscaler = _api(client).read_namespaced_horizontal_pod_autoscaler(name, namespace, _request_timeout=TIMEOUT)
    if not is_of_same_stack(metadata["annotations"][OWNER], autoscaler.metadata.annotations or {}):
        return None
    return Pin(namespace, name, autoscaler.spec.min_replicas, autoscaler.spec.max_replicas)


def _set_bounds(client: Any, pin: Pin, least: int, most: int) -> None:
    bounds = {"spec": {"minReplicas": least, "maxReplicas": most}}
    _api(client).patch_namespaced_horizontal_pod_autoscaler(pin.name, pin.namespace, bounds, _request_timeout=TIMEOUT)


def _api(client: Any) -> Any:
    from kubernetes.client import AutoscalingV2Api

    return AutoscalingV2Api(client)
