"""`flyteidl2.cluster.ClusterService`: there is one cluster, and the client already talks to it."""

from __future__ import annotations

from flyteidl2.cluster import payload_pb2 as pb
from flyteidl2.cluster import service_connect

from flyte_local.api.call import Call


class ClusterService(service_connect.ClusterService):  # type: ignore[misc]  # generated, untyped
    """Selects no cluster, which makes Flyte's SDK keep its connection."""

    async def select_cluster(self, request: pb.SelectClusterRequest, ctx: Call) -> pb.SelectClusterResponse:
        """Return an empty answer: the client keeps the endpoint that it uses."""
        return pb.SelectClusterResponse()
