"""Components for programs in other languages: the same classes as a Python program imports.

Known values that are not secret arrive as plain Python values, so that everything which the component computes is as
known as in a Python program; only unknown and secret leaves are Outputs. What the values depend on goes into
`depends_on`.
"""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import grpc
import pulumi
from google.protobuf import struct_pb2
from pulumi.errors import InputPropertiesError, InputPropertyError, RunError
from pulumi.output import Unknown, _OutputData
from pulumi.provider.provider import ConstructResult, Provider
from pulumi.provider.server import ProviderServicer
from pulumi.resource import CustomTimeouts, DependencyResource
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.rpc import _special_resource_sig, _special_sig_key, deserialize_property
from pulumi_flyte.problems import nearest
from pulumi_flyte.spec.casing import camel
from pulumi_flyte.version import VERSION

from pulumi_flyte_provider import component_schema
from pulumi_flyte_provider.codec import UNKNOWN, Secret, decode_value

_DEPENDENCIES = "dependencies"
# Properties that take links which may have an unknown part, and the component that such a link is of.
_LINKED = {"secrets": "flyte:index:Secret", "inputs": "flyte:index:Task"}


class Components(Provider):
    """Makes the components that Construct asks for."""

    def __init__(self) -> None:
        super().__init__(VERSION)

    def construct(
        self, name: str, resource_type: str, inputs: Any, options: pulumi.ResourceOptions | None = None
    ) -> ConstructResult:
        """Raises InputPropertiesError for unknown properties, and whatever the component finds wrong."""
        component = component_class(resource_type)
        keywords = _keywords(component, resource_type, name, inputs)
        made = component(name, **keywords, opts=options)
        outputs = component_schema.outputs(resource_type)
        return ConstructResult(made.urn, {camel(key): getattr(made, key) for key in outputs})


def component_class(token: str) -> Any:
    """Raises RunError for a token that is no component."""
    import pulumi_flyte

    name = token.rsplit(":", 1)[-1]
    if token not in component_schema.TOKENS:
        raise RunError(f"unknown component {token!r}; this plugin has {', '.join(component_schema.TOKENS)}")
    return getattr(pulumi_flyte, name)


async def construct(servicer: Any, request: pb.ConstructRequest, context: Any) -> pb.ConstructResponse:
    """Answers a Construct request; what goes wrong is one clear message, without secrets."""
    clean = servicer.redactor.clean
    try:
        response: pb.ConstructResponse = await servicer._construct(request, context)
        return response
    except InputPropertiesError as error:
        found: Any = [{**detail, "reason": clean(detail["reason"])} for detail in error.errors or ()]
        await context.abort_with_status(servicer.create_grpc_invalid_properties_status(clean(error.message), found))
    except InputPropertyError as error:
        details: Any = [{"property_path": error.property_path, "reason": clean(error.reason)}]
        await context.abort_with_status(servicer.create_grpc_invalid_properties_status("", details))
    except RunError as error:
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, clean(str(error)))
    raise AssertionError("abort returns never")


async def inputs_of(struct: struct_pb2.Struct) -> dict[str, Any]:
    """The properties as a Python program would pass them."""
    return {key: await _python_value(value, _LINKED.get(key)) for key, value in struct.fields.items()}


def options_of(request: pb.ConstructRequest) -> pulumi.ResourceOptions:
    """The caller's options, and what its inputs depend on. The SDK drops custom timeouts here."""
    options = ProviderServicer._construct_options(request)
    urns = {urn for dependency in request.inputDependencies.values() for urn in dependency.urns}
    urns |= {urn for value in request.inputs.fields.values() for urn in _dependencies(value)}
    urns -= {request.parent, *request.dependencies}
    listed: Any = options.depends_on or []
    options.depends_on = [*listed, *(DependencyResource(urn) for urn in sorted(urns))]
    timeouts = request.customTimeouts
    if timeouts.create or timeouts.update or timeouts.delete:
        options.custom_timeouts = CustomTimeouts(
            create=timeouts.create or None, update=timeouts.update or None, delete=timeouts.delete or None
        )
    return options


def _keywords(component: Any, token: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    parameters = inspect.signature(component.__init__).parameters
    known = {camel(key): key for key, parameter in parameters.items() if parameter.kind is parameter.KEYWORD_ONLY}
    known.pop("opts", None)
    unknown: Any = [
        {"property_path": key, "reason": f"unknown property{nearest(key, known)}"} for key in inputs if key not in known
    ]
    if unknown:
        raise InputPropertiesError(f"{token} {name!r} does not have these properties", unknown)
    return {known[key]: value for key, value in inputs.items() if value is not None}


async def _python_value(value: struct_pb2.Value, linked: str | None = None) -> Any:
    """`linked` is the component that a link in this property is of."""
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return [await _python_value(item, linked) for item in value.list_value.values]
    if kind != "struct_value":
        return _leaf(decode_value(value))
    struct = value.struct_value
    if _special_sig_key not in struct.fields:
        return {key: await _python_value(item, linked) for key, item in struct.fields.items()}
    if struct.fields[_special_sig_key].string_value == _special_resource_sig:
        return await _link(struct.fields["urn"].string_value)
    decoded = decode_value(value)
    if decoded is UNKNOWN:
        # A link with one unknown part arrives as unknown altogether; the engine knows the other parts.
        urns = [urn for urn in _dependencies(value) if linked and urn.split("::")[-2].endswith(linked)]
        return await _link(urns[0]) if len(urns) == 1 else _leaf(decoded)
    if isinstance(decoded, Secret):
        return _leaf(decoded)
    if "value" in struct.fields:  # An Output that is known and not secret; its dependencies are in the options.
        return await _python_value(struct.fields["value"], linked)
    return deserialize_property(struct, keep_unknowns=True)


def _leaf(decoded: Any) -> Any:
    if decoded is UNKNOWN:
        return _output(None, known=False, secret=False)
    if isinstance(decoded, Secret):
        return _output(decoded.value, known=True, secret=True)
    return decoded


def _output(value: Any, *, known: bool, secret: bool) -> pulumi.Output[Any]:
    data: asyncio.Future[_OutputData[Any]] = asyncio.get_running_loop().create_future()
    data.set_result(_OutputData(resources=set(), value=value, is_known=known, is_secret=secret))
    return pulumi.Output._from_data(data)


async def _link(urn: str) -> Any:
    """A component passed where a link is meant: what it hands out, as the engine knows it."""
    result = pulumi.runtime.invoke("pulumi:pulumi:getResource", {"urn": urn}).value or {}
    state = result.get("state") or {}
    found = state.get("link") or state.get("settings") or DependencyResource(urn)
    if not isinstance(found, dict):
        return found
    return {
        key: _output(None, known=False, secret=False) if isinstance(item, Unknown) else item
        for key, item in found.items()
    }


def _dependencies(value: struct_pb2.Value) -> set[str]:
    """The URNs that output values inside an input name."""
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return {urn for item in value.list_value.values for urn in _dependencies(item)}
    if kind != "struct_value":
        return set()
    fields = value.struct_value.fields
    found = {urn for key, item in fields.items() if key != _DEPENDENCIES for urn in _dependencies(item)}
    if _special_sig_key in fields:
        if _DEPENDENCIES in fields:
            found |= {item.string_value for item in fields[_DEPENDENCIES].list_value.values}
        if fields[_special_sig_key].string_value == _special_resource_sig:
            found.add(fields["urn"].string_value)
    return found
