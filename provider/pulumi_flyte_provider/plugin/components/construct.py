"""Answers the engine's Construct requests. Each problem is printed once, and no request waits for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import grpc
from pulumi.errors import RunError
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import resource_pb2, resource_pb2_grpc
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.naming.urns import Urn
from pulumi_flyte.version import VERSION

from pulumi_flyte_provider.messages.redaction import Redactor
from pulumi_flyte_provider.plugin import component_schema
from pulumi_flyte_provider.plugin.components.loop import ComponentLoop
from pulumi_flyte_provider.plugin.guard import unexpected
from pulumi_flyte_provider.properties.codec import encode
from pulumi_flyte_provider.properties.values import UNKNOWN, Properties

PROBLEM = "problem"
ANSWER_SECONDS = 2.5
QUIET_SECONDS = 0.5
Context = Any  # grpc.aio.ServicerContext: grpcio ships no types.


class Constructions:
    """The Construct requests of one run, and the answers that are still due."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._loop = ComponentLoop()
        self._due: set[Context] = set()
        self._answered_at = 0.0

    async def answer(
        self, request: pb.ConstructRequest, context: Context, work: Coroutine[Any, Any, pb.ConstructResponse]
    ) -> pb.ConstructResponse:
        """Return the result of `work`. A problem becomes one clear message without secrets."""
        self._due.add(context)
        context.add_done_callback(self._is_answered)
        unfinished = _unfinished(request)
        try:
            return await self._loop.run(work, unfinished)
        except RunError as error:
            message = str(error)
        except Exception as error:
            message = unexpected(error, f"making {request.type} {request.name!r}")
        message = self._redactor.clean(message)
        ended = await self._loop.run(_report(request, message), otherwise=True)
        if not ended:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, message)
        return unfinished

    async def end(self) -> None:
        """Answer all requests now, and wait until the engine has the answers.

        The engine closes the connection when it has the answer to Cancel. It prints an error for each component without
        an answer at that time. A program goes on when it has the answer, so more requests may follow.
        """
        self._loop.end()
        limit = time.monotonic() + ANSWER_SECONDS
        waited = bool(self._due)
        while waited and time.monotonic() < limit:
            await asyncio.sleep(0.01)
            waited = bool(self._due) or time.monotonic() - self._answered_at < QUIET_SECONDS

    def _is_answered(self, context: Context) -> None:
        self._due.discard(context)
        self._answered_at = time.monotonic()


def reported_problem(token: str, inputs: Properties) -> str | None:
    """Return the problem of a component. The engine checks a component only because `_report` has registered it."""
    return str(inputs.get(PROBLEM)) if token.startswith("flyte:index:") else None


async def _report(request: pb.ConstructRequest, message: str) -> bool:
    """Make the engine print the problem and end the run. Return False if it does not take it in this way.

    An error as the answer to Construct ends the run as well, but the engine tells the program of it, too: a program in
    TypeScript or Python would print it a second time, with a traceback. So the plugin registers a resource that its own
    Check refuses. The engine prints why, and the program's call stays open until the engine ends the program.
    """

    def register() -> bool:
        with grpc.insecure_channel(request.monitorEndpoint) as channel:
            stub = resource_pb2_grpc.ResourceMonitorStub(channel)
            # Below a component that is there already, since a second one of its URN would be another error.
            parent = _urn(request) if _is_registered(stub, request) else request.parent
            result = stub.RegisterResource(_registration(request, message, parent)).result
            return bool(result == resource_pb2.Result.FAIL)

    try:
        return await asyncio.get_running_loop().run_in_executor(None, register)
    except grpc.RpcError:
        return False


def _is_registered(stub: resource_pb2_grpc.ResourceMonitorStub, request: pb.ConstructRequest) -> bool:
    """Return whether the component itself was registered before something went wrong."""
    call = resource_pb2.ResourceInvokeRequest(tok="pulumi:pulumi:getResource", args=encode({"urn": _urn(request)}))
    try:
        return not stub.Invoke(call).failures
    except grpc.RpcError:
        return False


def _registration(request: pb.ConstructRequest, message: str, parent: str) -> resource_pb2.RegisterResourceRequest:
    return resource_pb2.RegisterResourceRequest(
        type=request.type,
        name=request.name,
        parent=parent,
        custom=True,
        object=encode({PROBLEM: message}),
        version=VERSION,
        provider=request.providers.get("flyte", ""),
        supportsResultReporting=True,
    )


def _unfinished(request: pb.ConstructRequest) -> pb.ConstructResponse:
    """Return the answer to a request after the end of the run. The engine registers nothing that depends on it."""
    names = component_schema.outputs(request.type) if request.type in component_schema.TOKENS else ()
    properties = [camel(name) for name in names]
    blank = {key: {} if key in ("link", "settings") else "" for key in properties}
    state = dict.fromkeys(properties, UNKNOWN) if request.dryRun else blank
    return pb.ConstructResponse(urn=_urn(request), state=encode(state))


def _urn(request: pb.ConstructRequest) -> str:
    """Return the URN of the component."""
    return str(Urn.below(request.parent, request.stack, request.project, request.type, request.name))
