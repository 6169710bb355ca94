"""The private names of Pulumi's SDK that the plugin uses. Checked with pulumi 3.259.

The SDK documents providers whose components are Python classes. It answers the engine's calls itself
(`pulumi.provider.main`). This plugin also serves resources. So it answers the calls itself, and uses only the part of
the SDK that runs components.
"""

from __future__ import annotations

from typing import Any

import pulumi
from google.protobuf import struct_pb2
from pulumi.provider.server import ProviderServicer
from pulumi.runtime.proto import provider_pb2 as pb

Context = Any  # grpc.aio.ServicerContext: grpcio ships no types.


class ComponentServicer(ProviderServicer):
    """The SDK's servicer. A subclass decides how to read the inputs and options of a component.

    The SDK wraps every input that depends on a resource in an Output, even if its value is known
    (pulumi/provider/server.py). There is no upstream issue about this yet.
    """

    async def component_inputs(self, inputs: struct_pb2.Struct) -> dict[str, Any]:
        """Return the inputs for the component's constructor."""
        raise NotImplementedError

    def component_options(self, request: pb.ConstructRequest) -> pulumi.ResourceOptions:
        """Return the options for the component's constructor."""
        raise NotImplementedError

    async def make_component(self, request: pb.ConstructRequest, context: Context) -> pb.ConstructResponse:
        """Set up the SDK, call the provider's `construct`, and wait for its registrations. Raises the component's
        errors.

        The public `Construct` answers an exception of a component with the text of a traceback. There is no upstream
        issue about this yet.
        """
        response: pb.ConstructResponse = await self._construct(request, context)
        return response

    async def _construct_inputs(  # type: ignore[override]  # a static method there, called by way of the instance
        self, inputs: struct_pb2.Struct, input_dependencies: Any
    ) -> dict[str, Any]:
        return await self.component_inputs(inputs)

    def _construct_options(  # type: ignore[override]
        self, request: pb.ConstructRequest
    ) -> pulumi.ResourceOptions:
        return self.component_options(request)


def options_without_timeouts(request: pb.ConstructRequest) -> pulumi.ResourceOptions:
    """Return the caller's options without custom timeouts.

    The SDK drops the custom timeouts (github.com/pulumi/pulumi/pull/19496). It converts all other options, but has no
    public function for that. There is no upstream issue about this yet.
    """
    return ProviderServicer._construct_options(request)
