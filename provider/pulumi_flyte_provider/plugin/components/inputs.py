"""Converts the inputs and options of a component to the form in which a Python program passes them.

Known values that are not secret become plain Python values, so that the component computes the same values as in a
Python program. Only unknown and secret values become Outputs. The dependencies of all values go into `depends_on`.
"""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

import pulumi
from google.protobuf import struct_pb2
from pulumi.output import Unknown
from pulumi.resource import CustomTimeouts, DependencyResource
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.rpc import deserialize_property
from pulumi_flyte.naming.urns import Urn
from pulumi_flyte.notation.engine_marks import SIGNATURE

from pulumi_flyte_provider.plugin.pulumi_internals import options_without_timeouts
from pulumi_flyte_provider.properties.codec import RESOURCE, decode_value
from pulumi_flyte_provider.properties.values import UNKNOWN, Secret

T = TypeVar("T")
_DEPENDENCIES = "dependencies"
# Properties whose links may have unknown parts, with the component that the link refers to.
_LINKED = {"secrets": "flyte:index:Secret", "inputs": "flyte:index:Task"}


async def inputs_of(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Return the properties as Python values and Outputs."""
    return {key: await _python_value(value, _LINKED.get(key)) for key, value in struct.fields.items()}


def options_of(request: pb.ConstructRequest) -> pulumi.ResourceOptions:
    """Return the caller's options, with everything that its inputs depend on."""
    options = options_without_timeouts(request)
    urns = {urn for dependency in request.inputDependencies.values() for urn in dependency.urns}
    urns |= {urn for value in request.inputs.fields.values() for urn in _dependencies(value)}
    urns -= {request.parent, *request.dependencies}
    listed: Any = options.depends_on or []
    options.depends_on = [*listed, *(DependencyResource(urn) for urn in sorted(urns))]
    if not request.HasField("resource_hooks"):
        options.hooks = None  # the SDK makes an empty one
    # The SDK leaves these two out.
    options.additional_secret_outputs = list(request.additionalSecretOutputs)
    options.delete_before_replace = request.deleteBeforeReplace or None
    timeouts = request.customTimeouts
    if timeouts.create or timeouts.update or timeouts.delete:
        options.custom_timeouts = CustomTimeouts(
            create=timeouts.create or None, update=timeouts.update or None, delete=timeouts.delete or None
        )
    return options


async def _python_value(value: struct_pb2.Value, linked: str | None = None) -> Any:
    """Return one value. `linked` is the component that a link in this property refers to."""
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return [await _python_value(item, linked) for item in value.list_value.values]
    if kind != "struct_value":
        return _leaf(decode_value(value))
    struct = value.struct_value
    if SIGNATURE not in struct.fields:
        return {key: await _python_value(item, linked) for key, item in struct.fields.items()}
    if struct.fields[SIGNATURE].string_value == RESOURCE:
        return await _link(struct.fields["urn"].string_value)
    decoded = decode_value(value)
    if decoded is UNKNOWN:
        # A link with one unknown part arrives as unknown. The engine knows its other parts.
        urns = [urn for urn in _dependencies(value) if linked and Urn.parse(urn).types.endswith(linked)]
        return await _link(urns[0]) if len(urns) == 1 else _leaf(decoded)
    if isinstance(decoded, Secret):
        return _leaf(decoded)
    if "value" in struct.fields:  # a known Output that is not secret; its dependencies are in the options
        return await _python_value(struct.fields["value"], linked)
    return deserialize_property(struct, keep_unknowns=True)


def _leaf(decoded: Any) -> Any:
    if decoded is UNKNOWN:
        return _output(None, known=False, secret=False)
    if isinstance(decoded, Secret):
        return _output(decoded.value, known=True, secret=True)
    return decoded


def _output(value: Any, *, known: bool, secret: bool) -> pulumi.Output[Any]:
    return pulumi.Output(set(), _settled(value), _settled(known), _settled(secret))


def _settled(value: T) -> asyncio.Future[T]:
    future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    future.set_result(value)
    return future


async def _link(urn: str) -> Any:
    """Return the link of a component, from the engine. The program has passed the component in place of a link."""
    result = pulumi.runtime.invoke("pulumi:pulumi:getResource", {"urn": urn}).value or {}
    state = result.get("state") or {}
    link = state.get("link") or state.get("settings") or DependencyResource(urn)
    if not isinstance(link, dict):
        return link
    return {
        key: _output(None, known=False, secret=False) if isinstance(item, Unknown) else item
        for key, item in link.items()
    }


def _dependencies(value: struct_pb2.Value) -> set[str]:
    """Return the URNs of the resources on which the output values in an input depend."""
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return {urn for item in value.list_value.values for urn in _dependencies(item)}
    if kind != "struct_value":
        return set()
    fields = value.struct_value.fields
    urns = {urn for key, item in fields.items() if key != _DEPENDENCIES for urn in _dependencies(item)}
    if SIGNATURE in fields:
        if _DEPENDENCIES in fields:
            urns |= {item.string_value for item in fields[_DEPENDENCIES].list_value.values}
        if fields[SIGNATURE].string_value == RESOURCE:
            urns.add(fields["urn"].string_value)
    return urns
