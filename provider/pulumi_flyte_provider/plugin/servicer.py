"""The plugin's gRPC service: it decodes a request, lets the resource do the work, and encodes the answer.

Work that waits runs in threads, so that the event loop answers Cancel and other resources meanwhile. Work that only
computes does not: a thread would cost more. Components are made on a loop of their own.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi_flyte.problems import Problems
from pulumi_flyte.version import VERSION

from pulumi_flyte_provider.errors import ProviderError, UnreachableError
from pulumi_flyte_provider.flyte_api import settings
from pulumi_flyte_provider.flyte_api.connection import Connection
from pulumi_flyte_provider.messages.engine_log import EngineLog
from pulumi_flyte_provider.messages.redaction import Redactor
from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.ownership.urn import Urn
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
    """One process of the plugin. The engine configures it once, and it serves one run."""

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
        """Say what the plugin understands."""
        self.engine_address = self.run.log.address = request.engine_address or self.engine_address
        return pb.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True, accept_outputs=True)

    @guarded
    async def Attach(self, request: plugin_pb2.PluginAttach, context: Context) -> empty_pb2.Empty:
        """Take the address of an engine that has not started the plugin (`PULUMI_DEBUG_PROVIDERS`)."""
        self.engine_address = self.run.log.address = request.address
        return empty_pb2.Empty()

    @guarded
    async def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:
        """Say the version."""
        return plugin_pb2.PluginInfo(version=VERSION)

    @guarded
    async def GetSchema(self, request: pb.GetSchemaRequest, context: Context) -> pb.GetSchemaResponse:
        """Return the schema, from which other languages generate their packages."""
        from pulumi_flyte_provider.plugin.schema import package_schema_json

        return pb.GetSchemaResponse(schema=package_schema_json())

    @guarded
    async def CheckConfig(self, request: pb.CheckRequest, context: Context) -> pb.CheckResponse:
        """Report all problems of the settings. Secrets arrive in plain here: nothing of them is ever in a problem."""
        problems = settings.check(decode(request.news))
        return pb.CheckResponse(inputs=request.news, failures=check_failures(problems, self.redactor))

    @guarded
    async def DiffConfig(self, request: pb.DiffRequest, context: Context) -> pb.DiffResponse:
        """Say what other settings change: another Flyte needs everything anew, another token does not."""
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
        """Return the inputs with defaults, or everything that is wrong with them."""
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
        """Say what would change."""
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
        """Make the object, or say in a preview what it will be."""
        operation, resource = self._operation(request.urn, request.timeout)
        (inputs,) = self._decoded(operation, request.properties)
        if request.preview:
            return pb.CreateResponse(properties=encode(await self._preview(operation, resource, inputs, None)))
        state = await asyncio.to_thread(resource.create, operation, inputs)
        await self._end_if_failed(context, operation, state, inputs)
        return pb.CreateResponse(id=state.id, properties=encode(state.outputs))

    @guarded
    async def Read(self, request: pb.ReadRequest, context: Context) -> pb.ReadResponse:
        """Say what the object is now. An empty answer means that it is gone."""
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
        """Change the object, or say in a preview what it will be."""
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
        """Remove the object."""
        operation, resource = self._operation(request.urn, request.timeout)
        inputs, outputs = self._decoded(operation, request.old_inputs, request.properties)
        await asyncio.to_thread(resource.delete, operation, State(request.id, inputs, outputs))
        return empty_pb2.Empty()

    @guarded
    async def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        """End all waiting. The engine sends it at the end of every run, too."""
        self.run.cancelled.set()
        await self._constructions.end()
        return empty_pb2.Empty()

    @guarded
    async def Construct(self, request: pb.ConstructRequest, context: Context) -> pb.ConstructResponse:
        """Make a component that a program in another language declares."""
        return await self._constructions.answer(request, context, self.make_component(request, context))

    async def component_inputs(self, inputs: struct_pb2.Struct) -> dict[str, Any]:
        """Return the inputs as a Python program would pass them."""
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
        """Read. If nothing answers, the first resource fails a refresh and the others stay as state has them."""
        try:
            return resource.read(operation, old)
        except UnreachableError:
            topic = f"no answer from {operation.connection.address}"
            if not old.outputs or self.run.is_first(topic, operation.urn.text):
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
        """Return the engine's properties, and remember what of them must never be shown."""
        decoded = [decode(struct) for struct in structs]
        self.redactor.learn(operation.urn.type, *decoded)
        return decoded

    async def _end_if_failed(self, context: Context, operation: Operation, state: State, inputs: Properties) -> None:
        """End the call with an error if the object was made and does not work."""
        self.redactor.learn(operation.urn.type, state.outputs)
        if not state.failures:
            return
        reasons = [self.redactor.clean(failure) for failure in state.failures]
        details = partial_failure(state, inputs, reasons)
        context.set_trailing_metadata((("grpc-status-details-bin", details),))
        await context.abort(PARTIAL_FAILURE, reasons[0])
