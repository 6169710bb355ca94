"""The private names of Pulumi's SDK that the plugin uses. Checked with pulumi 3.259.

The SDK documents how to write a provider whose components are Python classes, and answers the engine's calls itself
(`pulumi.provider.main`). This plugin serves resources as well, so it answers the calls, and takes from the SDK what a
component needs around it.
"""

from __future__ import annotations

from typing import Any

import pulumi
from google.protobuf import struct_pb2
from pulumi.provider.server import ProviderServicer
from pulumi.runtime.proto import provider_pb2 as pb

Context = Any  # grpc.aio.ServicerContext: grpcio ships no types.


class ComponentServicer(ProviderServicer):
    """The SDK's servicer, in which a subclass decides how the inputs and options of a component are read.

    The SDK wraps every input that depends on a resource in an Output, also if its value is known
    (pulumi/provider/server.py). There is no upstream issue for this yet.
    """

    async def component_inputs(self, inputs: struct_pb2.Struct) -> dict[str, Any]:
        """Return the inputs as the component's constructor takes them."""
        raise NotImplementedError

    def component_options(self, request: pb.ConstructRequest) -> pulumi.ResourceOptions:
        """Return the options as the component's constructor takes them."""
        raise NotImplementedError

    async def make_component(self, request: pb.ConstructRequest, context: Context) -> pb.ConstructResponse:
        """Make a component: set up the SDK for the program's run, call the provider's `construct`, and wait for what it
        has registered. Raises whatever the component raises.

        The public `Construct` answers an exception of a component with the text of a traceback. There is no upstream
        issue for this yet.
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
    """Return the caller's options as the SDK reads them.

    The SDK reads custom timeouts since github.com/pulumi/pulumi/pull/19496, but drops them. Other options are all read,
    and the SDK has no public function for that. There is no upstream issue for one yet.
    """
    return ProviderServicer._construct_options(request)
