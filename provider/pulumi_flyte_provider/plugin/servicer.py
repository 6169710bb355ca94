"""The plugin's gRPC face: decodes a request, lets the resource do the work in a thread, encodes the answer.

What resources do runs in threads, so that the event loop answers Cancel and other resources meanwhile. What they only
compute does not: a thread would cost more. Components are made on a loop of their own.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterable
from typing import Any

import grpc
import pulumi
from google.protobuf import any_pb2, empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, status_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.problems import Problem, Problems
from pulumi_flyte.version import VERSION

from pulumi_flyte_provider.errors import ProviderError, UnreachableError
from pulumi_flyte_provider.flyte_api import settings
from pulumi_flyte_provider.flyte_api.connection import Connection
from pulumi_flyte_provider.flyte_api.platforms import control_plane
from pulumi_flyte_provider.messages.engine_log import EngineLog
from pulumi_flyte_provider.messages.redaction import Redactor
from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.ownership.claims import Claims
from pulumi_flyte_provider.ownership.urn import Urn
from pulumi_flyte_provider.plugin import catalogue
from pulumi_flyte_provider.plugin.component_loop import ComponentLoop
from pulumi_flyte_provider.plugin.construct import Components, construct, inputs_of, options_of, reported_problem
from pulumi_flyte_provider.plugin.guard import guarded
from pulumi_flyte_provider.plugin.pulumi_internals import ComponentServicer
from pulumi_flyte_provider.properties.codec import Tree, decode, encode
from pulumi_flyte_provider.properties.difference import Change, Difference
from pulumi_flyte_provider.resources.resource import Call, LooksOutside, Resource, Stored

ANSWER_SECONDS = 2.5
QUIET_SECONDS = 0.5
Context = Any  # grpc.aio.ServicerContext: grpcio ships no types.
_KINDS = {
    ("add", False): pb.PropertyDiff.ADD,
    ("add", True): pb.PropertyDiff.ADD_REPLACE,
    ("delete", False): pb.PropertyDiff.DELETE,
    ("delete", True): pb.PropertyDiff.DELETE_REPLACE,
    ("update", False): pb.PropertyDiff.UPDATE,
    ("update", True): pb.PropertyDiff.UPDATE_REPLACE,
}


class FlyteServicer(ComponentServicer):
    """One process of the plugin; the engine configures it once."""

    def __init__(self, args: list[str], engine_address: str) -> None:
        super().__init__(Components(), args, engine_address)
        self.cancelled = threading.Event()
        self.components = ComponentLoop()
        self._constructing: set[Context] = set()
        self._answered_at = 0.0
        self._claims = Claims()
        self.redactor = Redactor()
        self._log = EngineLog(engine_address, self.redactor)
        self._connection: Connection | None = None
        self._brief: Connection | None = None
        self._looking = asyncio.Lock()

    @guarded
    async def Handshake(self, request: pb.ProviderHandshakeRequest, context: Context) -> pb.ProviderHandshakeResponse:
        """What we understand."""
        self.engine_address = self._log.address = request.engine_address or self.engine_address
        return pb.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True, accept_outputs=True)

    @guarded
    async def Attach(self, request: plugin_pb2.PluginAttach, context: Context) -> empty_pb2.Empty:
        """A debugger's way in (`PULUMI_DEBUG_PROVIDERS`)."""
        self.engine_address = self._log.address = request.address
        return empty_pb2.Empty()

    @guarded
    async def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:
        """Our version."""
        return plugin_pb2.PluginInfo(version=VERSION)

    @guarded
    async def GetSchema(self, request: pb.GetSchemaRequest, context: Context) -> pb.GetSchemaResponse:
        """Everything that other languages need."""
        from pulumi_flyte_provider.plugin.schema import package_schema_json

        return pb.GetSchemaResponse(schema=package_schema_json())

    @guarded
    async def CheckConfig(self, request: pb.CheckRequest, context: Context) -> pb.CheckResponse:
        """Settings, all problems at once. Secrets arrive in plain here: nothing of them is ever in a problem."""
        problems = settings.check(decode(request.news))
        return pb.CheckResponse(inputs=request.news, failures=self._failures(problems))

    @guarded
    async def DiffConfig(self, request: pb.DiffRequest, context: Context) -> pb.DiffResponse:
        """Another Flyte needs everything anew; another token does not."""
        before, after = settings.parse(decode(request.olds)), settings.parse(decode(request.news))
        changes = [
            Change(camel(key), "update", replace=True)
            for key in control_plane(before).identity | control_plane(after).identity
            if getattr(before, key) != getattr(after, key)
        ]
        if not changes and before != after:
            fields = type(before).model_fields
            changed = [key for key in fields if getattr(before, key) != getattr(after, key)]
            changes = [Change(camel(key), "update") for key in changed]
        return _difference(Difference(tuple(changes)))

    @guarded
    async def Configure(self, request: pb.ConfigureRequest, context: Context) -> pb.ConfigureResponse:
        """The settings of this process."""
        config = settings.parse(decode(request.args))
        if config.api_key is not None:
            self.redactor.remember(config.api_key.get_secret_value())
        self._connection, self._brief = Connection(config), None
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True, acceptOutputs=True)

    @guarded
    async def Check(self, request: pb.CheckRequest, context: Context) -> pb.CheckResponse:
        """Inputs with defaults, or everything that is wrong with them."""
        problem = reported_problem(Urn.parse(request.urn).type, decode(request.news))
        if problem is not None:
            return pb.CheckResponse(failures=[pb.CheckFailure(reason=problem)])
        call, resource = self._operation(request.urn)
        problems = Problems()
        (news,) = self._properties(call, request.news)
        filled = resource.check(call, news, problems)
        if problems:
            return pb.CheckResponse(failures=self._failures(problems))
        return pb.CheckResponse(inputs=encode(filled))

    @guarded
    async def Diff(self, request: pb.DiffRequest, context: Context) -> pb.DiffResponse:
        """What would change."""
        call, resource = self._operation(request.urn)
        inputs, outputs, news = self._properties(call, request.old_inputs, request.olds, request.news)
        arguments = call, inputs or outputs, outputs, news
        if isinstance(resource, LooksOutside):
            difference = await asyncio.to_thread(resource.diff, *arguments)
        else:
            difference = resource.diff(*arguments)
        return _difference(takeover.with_owner(difference, outputs.get("owner"), call.owner))

    @guarded
    async def Create(self, request: pb.CreateRequest, context: Context) -> pb.CreateResponse:
        """Makes it; in a preview says what it will be."""
        call, resource = self._operation(request.urn, request.timeout)
        (news,) = self._properties(call, request.properties)
        if request.preview:
            return pb.CreateResponse(properties=encode(await self._preview(call, resource, news, None)))
        stored = await asyncio.to_thread(resource.create, call, news)
        self.redactor.learn(call.urn.type, stored.outputs)
        await self._report_failures(context, stored, news)
        return pb.CreateResponse(id=stored.id, properties=encode(stored.outputs))

    @guarded
    async def Read(self, request: pb.ReadRequest, context: Context) -> pb.ReadResponse:
        """What it is now; an empty answer where it is gone."""
        call, resource = self._operation(request.urn)
        inputs, outputs = self._properties(call, request.inputs, request.properties)
        call = call.over(await asyncio.to_thread(call.connection.now))
        stored = await asyncio.to_thread(self._read, call, resource, request.id, inputs, outputs)
        if stored is None:
            return pb.ReadResponse()
        return pb.ReadResponse(
            id=stored.id, properties=encode(stored.outputs), inputs=encode(stored.inputs or stored.outputs)
        )

    @guarded
    async def Update(self, request: pb.UpdateRequest, context: Context) -> pb.UpdateResponse:
        """Changes it; in a preview says what it will be."""
        call, resource = self._operation(request.urn, request.timeout)
        inputs, outputs, news = self._properties(call, request.old_inputs, request.olds, request.news)
        if request.preview:
            return pb.UpdateResponse(properties=encode(await self._preview(call, resource, news, outputs)))
        stored = await asyncio.to_thread(resource.update, call, request.id, inputs, outputs, news)
        self.redactor.learn(call.urn.type, stored.outputs)
        await self._report_failures(context, stored, news)
        return pb.UpdateResponse(properties=encode(stored.outputs))

    @guarded
    async def Delete(self, request: pb.DeleteRequest, context: Context) -> empty_pb2.Empty:
        """Removes it."""
        call, resource = self._operation(request.urn, request.timeout)
        outputs, _ = self._properties(call, request.properties, request.old_inputs)
        await asyncio.to_thread(resource.delete, call, request.id, outputs)
        return empty_pb2.Empty()

    @guarded
    async def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        """Ends waiting. The engine sends it at the end of every run, too."""
        self.cancelled.set()
        self.components.end()
        await self._until_components_are_answered()
        return empty_pb2.Empty()

    @guarded
    async def Construct(self, request: pb.ConstructRequest, context: Context) -> pb.ConstructResponse:
        """A component declared by a program in another language."""
        self._constructing.add(context)
        context.add_done_callback(self._constructed)
        return await construct(self, request, context)

    def _constructed(self, context: Context) -> None:
        self._constructing.discard(context)
        self._answered_at = time.monotonic()

    async def _until_components_are_answered(self) -> None:
        """The engine closes the connection when it has the answer to Cancel, and prints an error for each component
        that it still waits for then. A program goes on when its component is answered, so more may follow."""
        limit = time.monotonic() + ANSWER_SECONDS
        waited = bool(self._constructing)
        while waited and time.monotonic() < limit:
            await asyncio.sleep(0.01)
            waited = bool(self._constructing) or time.monotonic() - self._answered_at < QUIET_SECONDS

    async def component_inputs(self, inputs: struct_pb2.Struct) -> dict[str, Any]:
        """The properties as a Python program would pass them."""
        return await inputs_of(inputs)

    def component_options(self, request: pb.ConstructRequest) -> pulumi.ResourceOptions:
        """The caller's options, and what its inputs depend on."""
        return options_of(request)

    def _operation(self, urn: str, timeout: float = 0) -> tuple[Call, Resource]:
        if self._connection is None:
            raise ProviderError("the provider is not configured yet")
        parsed = Urn.parse(urn)
        call = Call(parsed, self._connection, self._claims, self.cancelled, timeout, self._log)
        return call, catalogue.resource(parsed.type)

    def _read(self, call: Call, resource: Resource, id: str, inputs: Tree, outputs: Tree) -> Stored | None:
        """Read; where nothing answers, the first resource fails a refresh and the others stay as state has them."""
        try:
            return resource.read(call, id, inputs, outputs)
        except UnreachableError:
            if not outputs or self._claims.claim("unreachable", call.connection.address, call.urn.text, "") is None:
                raise
            return Stored(id, outputs, inputs)

    async def _preview(self, call: Call, resource: Resource, news: Tree, outputs: Tree | None) -> Tree:
        async with self._looking:
            if self._brief is None:
                self._brief = await asyncio.to_thread(call.connection.for_previews)
        return await asyncio.to_thread(resource.preview, call.over(self._brief), news, outputs)

    def _properties(self, call: Call, *structs: Any) -> list[Tree]:
        """The engine's properties; what must never be shown is remembered first."""
        trees = [decode(struct) for struct in structs]
        self.redactor.learn(call.urn.type, *trees)
        return trees

    def _failures(self, problems: Iterable[Problem]) -> list[pb.CheckFailure]:
        # Without a property: with one the engine prints the property's whole value, also of secrets.
        return [pb.CheckFailure(reason=self.redactor.clean(str(problem))) for problem in problems]

    async def _report_failures(self, context: Context, stored: Stored, news: Tree) -> None:
        """A partial failure: the engine keeps the state and tries again next time. It prints the reasons only, and
        keeps them in the state in clear."""
        if not stored.failures:
            return
        reasons = [self.redactor.clean(failure) for failure in stored.failures]
        detail = pb.ErrorResourceInitFailed(
            id=stored.id, properties=encode(stored.outputs), reasons=reasons, inputs=encode(news)
        )
        packed = any_pb2.Any()
        packed.Pack(detail)
        code = grpc.StatusCode.UNKNOWN
        status = status_pb2.Status(code=code.value[0], message=reasons[0], details=[packed])
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        await context.abort(code, reasons[0])


def _difference(difference: Difference) -> pb.DiffResponse:
    if not difference.changes:
        return pb.DiffResponse(changes=pb.DiffResponse.DIFF_NONE)
    detailed = {
        change.path: pb.PropertyDiff(kind=_KINDS[change.kind, change.replace], inputDiff=not change.output)
        for change in difference.changes
    }
    return pb.DiffResponse(
        changes=pb.DiffResponse.DIFF_SOME,
        diffs=sorted({_top(change.path) for change in difference.changes}),
        replaces=sorted({_top(change.path) for change in difference.changes if change.replace}),
        deleteBeforeReplace=difference.replaces and difference.delete_first,
        detailedDiff=detailed,
        hasDetailedDiff=True,
    )


def _top(path: str) -> str:
    return path.split(".", 1)[0].split("[", 1)[0]
