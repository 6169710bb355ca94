"""Refuses an object that somebody else has made. pulumi-kubernetes would take it over without a word."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.runtime import settings as runtime_settings
from pulumi.runtime.proto.resource_pb2_grpc import ResourceMonitorStub

from pulumi_flyte.platforms.kubernetes.cluster_reading import UnreadableError
from pulumi_flyte.platforms.kubernetes.connection import Connection
from pulumi_flyte.platforms.kubernetes.ownership import OWNER, is_of_same_stack, takeover_problem, unread_problem


async def refuse_foreign(connection: Connection, inputs: Mapping[str, Any], *, is_new: bool = True) -> None:
    """Raise RunError where an object with these properties exists and somebody else has made it, and where the cluster
    does not say whether it exists.

    is_new: whether the object is about to be made. Otherwise this stack may have made it under another Pulumi name.
    """
    kind, metadata = inputs["kind"], inputs["metadata"]
    name, mark = metadata["name"], metadata["annotations"][OWNER]
    cluster = await connection.resolved()
    try:
        annotations = await asyncio.to_thread(
            cluster.annotations, inputs["apiVersion"], kind, name, metadata.get("namespace")
        )
    except UnreadableError as error:
        raise pulumi.RunError(unread_problem(kind, name, str(error))) from None
    if annotations is None or (not is_new and is_of_same_stack(mark, annotations)):
        return
    problem = takeover_problem(kind, name, mark, annotations)
    if problem is not None:
        raise pulumi.RunError(problem)


def checked_name(connection: Connection, properties: Mapping[str, Any]) -> pulumi.Input[str]:
    """Return the name of an object once it is known to be nobody else's, for an engine that calls no hooks.

    A preview asks no cluster.
    """
    name: str = properties["metadata"]["name"]
    if pulumi.runtime.is_dry_run() or not isinstance(runtime_settings.get_monitor(), ResourceMonitorStub):
        return name

    async def check(resolved: Mapping[str, Any]) -> str:
        await refuse_foreign(connection, resolved, is_new=False)
        return name

    metadata = properties["metadata"]
    place = {key: metadata[key] for key in ("name", "namespace", "annotations") if key in metadata}
    inputs = {"apiVersion": properties["apiVersion"], "kind": properties["kind"], "metadata": place}
    return pulumi.Output.from_input(inputs).apply(check)
