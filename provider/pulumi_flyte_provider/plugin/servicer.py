"""The plugin's gRPC service. It decodes a request, calls the resource, and encodes the answer.

Work that waits runs in threads, so that the event loop can answer Cancel and other requests meanwhile. Work that only
computes does not use a thread, which would cost more. Components are constructed on a separate loop.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi_flyte.naming.urns import Urn
from pulumi_flyte.problems import Problems
from pulumi_flyte.version import VERSION

from pulumi_flyte_provider.errors import ProviderError, UnreachableError
from pulumi_flyte_provider.flyte_api import settings
from pulumi_flyte_provider.flyte_api.connection import Connection
from pulumi_flyte_provider.messages.engine_log import EngineLog
from pulumi_flyte_provider.messages.redaction import Redactor
from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.plugin import catalogue
from pulumi_flyte_provider.plugin.components.construct import Constructions, reported_problem
from pulumi_flyte_provider.plugin.components.inputs import inputs_of, options_of
from pulumi_flyte_provider.plugin.components.provider import Components
from pulumi_flyte_provider.plugin.guard import guarded
from pulumi_flyte_provider.plugin.pulumi_internals import ComponentServicer
from pulumi_flyte_provider.plugin.responses import PARTIAL_FAILURE, check_failures, diff_response, partial_failure
from pulumi_flyte_provider.properties.codec import decode, encode
from pulumi_flyte_provider.properties.values import Properties
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.resource import LooksOutside, Resource
from pulumi_flyte_provider.resources.run import Run
from pulumi_flyte_provider.resources.state import State

Context = Any  # grpc.aio.ServicerContext: grpcio ships no types.


class FlyteServicer(ComponentServicer):
    """The service of one process of the plugin. The engine configures it once, for one run."""

    def __init__(self, args: list[str], engine_address: str) -> None:
        super().__init__(Components(), args, engine_address)
        self.redactor = Redactor()
        self.run = Run(log=EngineLog(engine_address, self.redactor))
        self._connection: Connection | None = None
        self._preview_connection: Connection | None = None
        self._connecting = asyncio.Lock()
        self._constructions = Constructions(self.redactor)

    @guarded
    async def Handshake(self, request: pb.ProviderHandshakeRequest, context: Context) -> pb.ProviderHandshakeResponse:
        """Return the features of the protocol that the plugin supports."""
        self.engine_address = self.run.log.address = request.engine_address or self.engine_address
        return pb.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True, accept_outputs=True)

    @guarded
    async def Attach(self, request: plugin_pb2.PluginAttach, context: Context) -> empty_pb2.Empty:
        """Take the address of an engine that has not started the plugin (`PULUMI_DEBUG_PROVIDERS`)."""
        self.engine_address = self.run.log.address = request.address
        return empty_pb2.Empty()

    @guarded
    async def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:
        """Return the version."""
        return plugin_pb2.PluginInfo(version=VERSION)

    @guarded
    async def GetSchema(self, request: pb.GetSchemaRequest, context: Context) -> pb.GetSchemaResponse:
        """Return the schema, from which other languages generate their packages."""
        from pulumi_flyte_provider.plugin.schema import package_schema_json

        return pb.GetSchemaResponse(schema=package_schema_json())

    @guarded
    async def CheckConfig(self, request: pb.CheckRequest, context: Context) -> pb.CheckResponse:
        """Report all problems of the settings. Secrets arrive here as plain text, so a problem never quotes them."""
        problems = settings.check(decode(request.news))
        return pb.CheckResponse(inputs=request.news, failures=check_failures(problems, self.redactor))

    @guarded
    async def DiffConfig(self, request: pb.DiffRequest, context: Context) -> pb.DiffResponse:
        """Return the effect of changed settings. Another Flyte replaces all objects, another token replaces none."""
        before, after = settings.parse(decode(request.olds)), settings.parse(decode(request.news))
        return diff_response(settings.difference(before, after))

    @guarded
    async def Configure(self, request: pb.ConfigureRequest, context: Context) -> pb.ConfigureResponse:
        """Take the settings of this process."""
        config = settings.parse(decode(request.args))
        if config.api_key is not None:
            self.redactor.remember(config.api_key.get_secret_value())
        self._connection, self._preview_connection = Connection(config), None
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True, acceptOutputs=True)

    @guarded
    async def Check(self, request: pb.CheckRequest, context: Context) -> pb.CheckResponse:
        """Return the inputs with defaults, or all their problems."""
        problem = reported_problem(Urn.parse(request.urn).type, decode(request.news))
        if problem is not None:
            return pb.CheckResponse(failures=[pb.CheckFailure(reason=problem)])
        operation, resource = self._operation(request.urn)
        problems = Problems()
        (inputs,) = self._decoded(operation, request.news)
        filled = resource.check(operation, inputs, problems)
        if problems:
            return pb.CheckResponse(failures=check_failures(problems, self.redactor))
        return pb.CheckResponse(inputs=encode(filled))

    @guarded
    async def Diff(self, request: pb.DiffRequest, context: Context) -> pb.DiffResponse:
        """Return the changes that `up` would make."""
        operation, resource = self._operation(request.urn)
        old_inputs, outputs, inputs = self._decoded(operation, request.old_inputs, request.olds, request.news)
        old = State(request.id, old_inputs or outputs, outputs)
        if isinstance(resource, LooksOutside):
            difference = await asyncio.to_thread(resource.diff, operation, old, inputs)
        else:
            difference = resource.diff(operation, old, inputs)
        return diff_response(takeover.with_owner(difference, old.owner, operation.owner))

    @guarded
    async def Create(self, request: pb.CreateRequest, context: Context) -> pb.CreateResponse:
        """Create the object. In a preview, return its expected outputs."""
        operation, resource = self._operation(request.urn, request.timeout)
        (inputs,) = self._decoded(operation, request.properties)
        if request.preview:
            return pb.CreateResponse(properties=encode(await self._preview(operation, resource, inputs, None)))
        state = await asyncio.to_thread(resource.create, operation, inputs)
        await self._end_if_failed(context, operation, state, inputs)
        return pb.CreateResponse(id=state.id, properties=encode(state.outputs))

    @guarded
    async def Read(self, request: pb.ReadRequest, context: Context) -> pb.ReadResponse:
        """Return the current object. An empty answer means that it is gone."""
        operation, resource = self._operation(request.urn)
        inputs, outputs = self._decoded(operation, request.inputs, request.properties)
        operation = operation.over(await asyncio.to_thread(operation.connection.now))
        state = await asyncio.to_thread(self._read, operation, resource, State(request.id, inputs, outputs))
        if state is None:
            return pb.ReadResponse()
        return pb.ReadResponse(
            id=state.id, properties=encode(state.outputs), inputs=encode(state.inputs or state.outputs)
        )

    @guarded
    async def Update(self, request: pb.UpdateRequest, context: Context) -> pb.UpdateResponse:
        """Update the object. In a preview, return its expected outputs."""
        operation, resource = self._operation(request.urn, request.timeout)
        old_inputs, outputs, inputs = self._decoded(operation, request.old_inputs, request.olds, request.news)
        old = State(request.id, old_inputs, outputs)
        if request.preview:
            return pb.UpdateResponse(properties=encode(await self._preview(operation, resource, inputs, old)))
        state = await asyncio.to_thread(resource.update, operation, old, inputs)
        await self._end_if_failed(context, operation, state, inputs)
        return pb.UpdateResponse(properties=encode(state.outputs))

    @guarded
    async def Delete(self, request: pb.DeleteRequest, context: Context) -> empty_pb2.Empty:
        """Delete the object."""
        operation, resource = self._operation(request.urn, request.timeout)
        inputs, outputs = self._decoded(operation, request.old_inputs, request.properties)
        await asyncio.to_thread(resource.delete, operation, State(request.id, inputs, outputs))
        return empty_pb2.Empty()

    @guarded
    async def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        """Cancel all operations that wait. The engine also calls it at the end of every run."""
        self.run.cancelled.set()
        await self._constructions.end()
        return empty_pb2.Empty()

    @guarded
    async def Construct(self, request: pb.ConstructRequest, context: Context) -> pb.ConstructResponse:
        """Construct a component that a program in another language declares."""
        return await self._constructions.answer(request, context, self.make_component(request, context))

    async def component_inputs(self, inputs: struct_pb2.Struct) -> dict[str, Any]:
        """Return the inputs in the form in which a Python program passes them."""
        return await inputs_of(inputs)

    def component_options(self, request: pb.ConstructRequest) -> pulumi.ResourceOptions:
        """Return the caller's options, with everything that its inputs depend on."""
        return options_of(request)

    def _operation(self, urn: str, timeout: float = 0) -> tuple[Operation, Resource]:
        if self._connection is None:
            raise ProviderError("the provider is not configured yet")
        parsed = Urn.parse(urn)
        return Operation(parsed, self._connection, self.run, timeout), catalogue.resource(parsed.type)

    def _read(self, operation: Operation, resource: Resource, old: State) -> State | None:
        """Read the object. If the platform does not answer, fail for the first resource and keep other states.

        A refresh then reports the problem once.
        """
        try:
            return resource.read(operation, old)
        except UnreachableError:
            topic = f"no answer from {operation.connection.address}"
            if not old.outputs or self.run.is_first(topic, str(operation.urn)):
                raise
            return old

    async def _preview(
        self, operation: Operation, resource: Resource, inputs: Properties, old: State | None
    ) -> Properties:
        async with self._connecting:
            if self._preview_connection is None:
                self._preview_connection = await asyncio.to_thread(operation.connection.for_previews)
        return await asyncio.to_thread(resource.preview, operation.over(self._preview_connection), inputs, old)

    def _decoded(self, operation: Operation, *structs: struct_pb2.Struct) -> list[Properties]:
        """Decode the engine's properties, and remember their secrets for the redaction."""
        decoded = [decode(struct) for struct in structs]
        self.redactor.learn(operation.urn.type, *decoded)
        return decoded

    async def _end_if_failed(self, context: Context, operation: Operation, state: State, inputs: Properties) -> None:
        """End the call with an error if the object was created but does not work."""
        self.redactor.learn(operation.urn.type, state.outputs)
        if not state.failures:
            return
        reasons = [self.redactor.clean(failure) for failure in state.failures]
        details = partial_failure(state, inputs, reasons)
        context.set_trailing_metadata((("grpc-status-details-bin", details),))
        await context.abort(PARTIAL_FAILURE, reasons[0])
