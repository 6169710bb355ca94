"""Components for programs in other languages: the same classes as a Python program imports.

Known values that are not secret arrive as plain Python values, so that everything which the component computes is as
known as in a Python program; only unknown and secret leaves are Outputs. What the values depend on goes into
`depends_on`.
"""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import replace
from typing import Any, TypeVar

import grpc
import pulumi
from google.protobuf import struct_pb2
from pulumi.errors import RunError
from pulumi.output import Unknown
from pulumi.provider.provider import ConstructResult, Provider
from pulumi.resource import CustomTimeouts, DependencyResource
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import resource_pb2, resource_pb2_grpc
from pulumi.runtime.rpc import deserialize_property
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.problems import Problem, Problems, meant_by, nearest
from pulumi_flyte.version import VERSION

from pulumi_flyte_provider.ownership.urn import Urn
from pulumi_flyte_provider.plugin import component_schema
from pulumi_flyte_provider.plugin.guard import unexpected
from pulumi_flyte_provider.plugin.pulumi_internals import options_without_timeouts
from pulumi_flyte_provider.properties.codec import RESOURCE, SIGNATURE, decode_value, encode
from pulumi_flyte_provider.properties.values import UNKNOWN, Properties, Secret

T = TypeVar("T")
PROBLEM = "problem"
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
        """Raises ArgumentsError with the property names of the schema, and whatever else the component raises."""
        component = component_class(resource_type)
        keywords = _keywords(component, name, inputs)
        try:
            made = component(name, **keywords, opts=options)
        except ArgumentsError as error:
            raise error.renamed(_property_path) from None
        outputs = component_schema.outputs(resource_type)
        return ConstructResult(made.urn, {camel(key): getattr(made, key) for key in outputs})


def component_class(token: str) -> Any:
    """Raises RunError for a token that is no component."""
    if token not in component_schema.TOKENS:
        raise RunError(f"unknown component {token!r}; this plugin has {', '.join(component_schema.TOKENS)}")
    return component_schema.component_class(token)


async def construct(servicer: Any, request: pb.ConstructRequest, context: Any) -> pb.ConstructResponse:
    """Answers a Construct request; what goes wrong is one clear message, without secrets."""
    unfinished = _unfinished(request)
    try:
        answer: pb.ConstructResponse = await servicer.components.run(
            servicer.make_component(request, context), unfinished
        )
        return answer
    except RunError as error:
        message = str(error)
    except Exception as error:
        message = unexpected(error, f"making {request.type} {request.name!r}")
    message = servicer.redactor.clean(message)
    ended = await servicer.components.run(_report(request, message), otherwise=True)
    if not ended:
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, message)
    return unfinished


async def _report(request: pb.ConstructRequest, message: str) -> bool:
    """Makes the engine print the problem and end the run; False where it does not take it in this way.

    An error as the answer to Construct ends the run as well, but the engine tells the program of it, too: a program in
    TypeScript or Python would print it a second time, with a traceback. So the plugin registers a resource that its own
    Check refuses. The engine prints why, and the program's call stays open until the engine ends the program.
    """
    registration = resource_pb2.RegisterResourceRequest(
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=True,
        object=encode({PROBLEM: message}),
        version=VERSION,
        provider=request.providers.get("flyte", ""),
        supportsResultReporting=True,
    )

    def register() -> bool:
        with grpc.insecure_channel(request.monitorEndpoint) as channel:
            stub = resource_pb2_grpc.ResourceMonitorStub(channel)
            return bool(stub.RegisterResource(registration).result == resource_pb2.Result.FAIL)

    try:
        return await asyncio.get_running_loop().run_in_executor(None, register)
    except grpc.RpcError:
        return False


def reported_problem(token: str, inputs: Properties) -> str | None:
    """The problem of a component, where Check is asked about one: that happens in a report only."""
    return str(inputs.get(PROBLEM)) if token.startswith("flyte:index:") else None


def _unfinished(request: pb.ConstructRequest) -> pb.ConstructResponse:
    """The answer to a request whose run has ended. Nothing that the program makes of it is registered any more."""
    properties = [camel(name) for name in component_schema.outputs(request.type)]
    blank = {key: {} if key in ("link", "settings") else "" for key in properties}
    state = dict.fromkeys(properties, UNKNOWN) if request.dryRun else blank
    return pb.ConstructResponse(urn=_urn(request), state=encode(state))


def _urn(request: pb.ConstructRequest) -> str:
    """The URN that the engine gives the component."""
    parent = Urn.parse(request.parent).types if request.parent else ""
    types = request.type if parent in ("", "pulumi:pulumi:Stack") else f"{parent}${request.type}"
    return f"urn:pulumi:{request.stack}::{request.project}::{types}::{request.name}"


async def inputs_of(struct: struct_pb2.Struct) -> dict[str, Any]:
    """The properties as a Python program would pass them."""
    return {key: await _python_value(value, _LINKED.get(key)) for key, value in struct.fields.items()}


def options_of(request: pb.ConstructRequest) -> pulumi.ResourceOptions:
    """The caller's options, and what its inputs depend on."""
    options = options_without_timeouts(request)
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


def _keywords(component: Any, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    parameters = inspect.signature(component.__init__).parameters
    keywords = {camel(key): key for key, parameter in parameters.items() if parameter.kind is parameter.KEYWORD_ONLY}
    keywords.pop("opts", None)
    problems = Problems()
    unknown = [key for key in inputs if key not in keywords]
    for key in unknown:
        problems.add(key, f"unknown property{nearest(key, keywords)}")
    misspelt = {meant_by(key, keywords) for key in unknown}
    for key, keyword in keywords.items():
        required = parameters[keyword].default is inspect.Parameter.empty
        if required and inputs.get(key) is None and key not in misspelt:
            problems.add(key, "required")
    if problems:
        raise ArgumentsError(component.__name__, name, problems.found)
    return {keywords[key]: value for key, value in inputs.items() if value is not None}


# What is below these properties has names that the user chose.
_NAMED_BY_THE_USER = frozenset({"inputs", "secrets", "env", "triggers", "interface"})


def _property_path(problem: Problem) -> Problem:
    """The problem with the property's name instead of the keyword's."""
    first, *rest = problem.path.split(".")
    if first not in _NAMED_BY_THE_USER:
        rest = [camel(part) for part in rest]
    return replace(problem, path=".".join([camel(first), *rest]))


async def _python_value(value: struct_pb2.Value, linked: str | None = None) -> Any:
    """`linked` is the component that a link in this property is of."""
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
    return pulumi.Output(set(), _settled(value), _settled(known), _settled(secret))


def _settled(value: T) -> asyncio.Future[T]:
    future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    future.set_result(value)
    return future


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
    if SIGNATURE in fields:
        if _DEPENDENCIES in fields:
            found |= {item.string_value for item in fields[_DEPENDENCIES].list_value.values}
        if fields[SIGNATURE].string_value == RESOURCE:
            found.add(fields["urn"].string_value)
    return found
