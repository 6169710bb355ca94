"""`RecordingMonitor`: Pulumi's mock monitor, which records what a program registers."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import mocks, rpc
from pulumi.runtime.proto import provider_pb2, resource_pb2

from pulumi_flyte.naming.urns import STACK, Urn, is_stack
from pulumi_flyte.testing.declared_stack import DeclaredResource
from pulumi_flyte.testing.values import Value, value_of

# The outputs of a resource beside its inputs, of a request.
Answers = Callable[[mocks.MockResourceArgs], Mapping[str, object]]
Calls = Callable[[str, Mapping[str, object]], Mapping[str, object]]
_Registration: TypeAlias = resource_pb2.RegisterResourceRequest | resource_pb2.ReadResourceRequest


class RecordingMonitor(mocks.MockMonitor):
    """Answers each request with its inputs and with `answers`. The SDK calls it from several threads."""

    def __init__(self, project: str, stack: str, answers: Answers, calls: Calls) -> None:
        super().__init__(_Mocks(answers, calls))
        self._project, self._stack = project, stack
        self._lock = threading.Lock()
        self.declared: dict[str, DeclaredResource] = {}
        self.exports: Mapping[str, Value] = {}

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """Return the URN of a resource."""
        return str(Urn.below(parent, self._stack, self._project, type_, name))

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceResponse:
        """Record a resource, and answer."""
        if request.type != STACK:
            self._record(request, request.object)
        with event_loop():
            response: resource_pb2.RegisterResourceResponse = super().RegisterResource(request)  # type: ignore[no-untyped-call]
            self._take_outputs(response.urn, response.object)
        return response

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> resource_pb2.ReadResourceResponse:
        """Record a resource that the program looks up, such as another stack."""
        self._record(request, request.properties)
        with event_loop():
            response: resource_pb2.ReadResourceResponse = super().ReadResource(request)  # type: ignore[no-untyped-call]
            self._take_outputs(response.urn, response.properties)
        return response

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> provider_pb2.InvokeResponse:
        """Answer a call of a function."""
        with event_loop():
            response: provider_pb2.InvokeResponse = super().Invoke(request)  # type: ignore[no-untyped-call]
        return response

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> empty_pb2.Empty:
        """Take the outputs of a component, or the exports of the stack."""
        with event_loop():
            self._take_outputs(request.urn, request.outputs)
        return empty_pb2.Empty()

    def _record(self, request: _Registration, properties: struct_pb2.Struct) -> None:
        urn = self.make_urn(request.parent, request.type, request.name)
        with event_loop():
            inputs = values_of(properties)
        declared = DeclaredResource(
            type=request.type,
            name=request.name,
            urn=urn,
            inputs=inputs,
            parent="" if is_stack(request.parent) else request.parent,
            depends_on=frozenset(request.dependencies),
            provider=request.provider.rpartition("::")[0],
            protect=bool(getattr(request, "protect", False)),
            ignore_changes=tuple(getattr(request, "ignoreChanges", ())),
        )
        with self._lock:
            self.declared[urn] = declared

    def _take_outputs(self, urn: str, properties: struct_pb2.Struct) -> None:
        outputs = values_of(properties)
        with self._lock:
            if is_stack(urn):
                self.exports = outputs
            elif urn in self.declared:
                self.declared[urn] = replace(self.declared[urn], outputs=outputs)


class _Mocks(mocks.Mocks):
    def __init__(self, answers: Answers, calls: Calls) -> None:
        self._answers, self._calls = answers, calls

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return args.resource_id or f"{args.name}-id", {**args.inputs, **self._answers(args)}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return dict(self._calls(args.token, args.args)), []


def values_of(properties: struct_pb2.Struct) -> dict[str, Value]:
    """Return the properties of a request as a test compares them."""
    return {key: value_of(item) for key, item in rpc.deserialize_properties(properties, keep_unknowns=True).items()}


@contextlib.contextmanager
def event_loop() -> Iterator[None]:
    """Give the thread an event loop and close it: otherwise the SDK makes one, and leaves it open."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        loop.close()
        asyncio.set_event_loop(None)
