"""The outputs of other stacks, as Pulumi's engine reads them from the backend of the program's own stack."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc
import pulumi
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc, settings
from pulumi.runtime.proto.resource_pb2 import ResourceInvokeRequest

READ = "pulumi:pulumi:readStackOutputs"


@dataclass(frozen=True)
class StackOutputs:
    """The outputs of a stack by name, or the reason why they cannot be read.

    Both are None under a stand-in engine, which knows no other stack.
    """

    by_name: Mapping[str, Any] | None = None
    failure: str | None = None


def outputs_of(stack: str) -> pulumi.Output[StackOutputs]:
    """Return the outputs of a stack, whose name is in full. They are a secret if one of them is.

    `pulumi.runtime.invoke_output` would end the program with a traceback if the engine refuses, since Pulumi awaits
    each call once more at the end of a program. So the engine is asked here.
    """
    # Pulumi unwraps an Output that an awaitable returns; its types do not say so.
    return pulumi.Output.from_input(_read(stack))  # type: ignore[arg-type]


async def _read(stack: str) -> StackOutputs | pulumi.Output[StackOutputs]:
    """Ask the engine."""
    arguments = Struct()
    arguments.update({"name": stack})
    request, monitor = ResourceInvokeRequest(tok=READ, args=arguments), settings.get_monitor()
    if monitor is None:  # a program without an engine
        return StackOutputs()
    try:
        response = await asyncio.get_running_loop().run_in_executor(None, monitor.Invoke, request)
    except grpc.RpcError as error:
        details = error.details() if isinstance(error, grpc.Call) else None
        return StackOutputs(failure=(details or str(error)).rpartition(f"{READ} returned an error: ")[2])
    values, is_secret = rpc.deserialize_properties_unwrap_secrets(getattr(response, "return"))
    by_name = values.get("outputs")
    outputs = StackOutputs(by_name if isinstance(by_name, Mapping) else None)
    return pulumi.Output.secret(outputs) if is_secret else outputs
