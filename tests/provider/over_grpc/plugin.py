"""The plugin over gRPC, as the engine talks to it: real server, real channel, plain Python trees."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc, status_pb2
from pulumi_flyte_provider.plugin.servicer import FlyteServicer
from pulumi_flyte_provider.properties.codec import decode, encode
from pulumi_flyte_provider.properties.values import Properties


class PluginError(Exception):
    """Return the text that the engine would print."""


@dataclass
class PartialFailure(Exception):
    """An object that exists and does not work."""

    id: str
    outputs: Properties
    reasons: list[str]


@dataclass(frozen=True)
class Answer:
    """A DiffResponse, readable."""

    changed: bool
    paths: dict[str, str]
    replaces: list[str] = field(default_factory=list)
    delete_first: bool = False


@dataclass
class Plugin:
    """A configured plugin. URNs are made from type and name."""

    stub: Any
    project: str = "shop"
    stack: str = "dev"

    def urn(self, token: str, name: str) -> str:
        """A resource's URN in the test's stack."""
        return f"urn:pulumi:{self.stack}::{self.project}::{token}::{name}"

    def configure(self, **settings: Any) -> None:
        """Raises PluginError."""
        args = encode(settings)
        _call(self.stub.Configure, pb.ConfigureRequest(args=args, acceptSecrets=True, acceptResources=True))

    def check_config(self, **settings: Any) -> list[str]:
        """The failures' texts."""
        request = pb.CheckRequest(urn=self.urn("pulumi:providers:flyte", "default"), news=encode(settings))
        return [failure.reason for failure in _call(self.stub.CheckConfig, request).failures]

    def diff_config(self, old: Properties, new: Properties) -> Answer:
        """Return the effect of another configuration."""
        return _answer(_call(self.stub.DiffConfig, pb.DiffRequest(olds=encode(old), news=encode(new))))

    def failures(self, token: str, name: str, inputs: Properties) -> list[str]:
        """Return the problems of Check."""
        request = pb.CheckRequest(urn=self.urn(token, name), news=encode(inputs))
        response = _call(self.stub.Check, request)
        assert not any(failure.property for failure in response.failures), "the engine would print the value"
        return [failure.reason for failure in response.failures]

    def check(self, token: str, name: str, inputs: Properties) -> Properties:
        """The checked inputs; fails the test where Check finds something wrong."""
        response = _call(self.stub.Check, pb.CheckRequest(urn=self.urn(token, name), news=encode(inputs)))
        assert not response.failures, [failure.reason for failure in response.failures]
        return decode(response.inputs)

    def create(
        self, token: str, name: str, inputs: Properties, *, preview: bool = False, timeout: float = 0
    ) -> tuple[str, Properties]:
        """Check and Create."""
        checked = self.check(token, name, inputs)
        request = pb.CreateRequest(
            urn=self.urn(token, name), properties=encode(checked), preview=preview, timeout=timeout
        )
        response = _call(self.stub.Create, request)
        return response.id, decode(response.properties)

    def diff(self, token: str, name: str, id: str, old: Properties, outputs: Properties, new: Properties) -> Answer:
        """Check of the new inputs, and Diff."""
        checked = self.check(token, name, new)
        request = pb.DiffRequest(
            id=id, urn=self.urn(token, name), olds=encode(outputs), old_inputs=encode(old), news=encode(checked)
        )
        return _answer(_call(self.stub.Diff, request))

    def update(
        self,
        token: str,
        name: str,
        id: str,
        old: Properties,
        outputs: Properties,
        new: Properties,
        *,
        preview: bool = False,
        timeout: float = 0,
    ) -> Properties:
        """Check of the new inputs, and Update."""
        request = pb.UpdateRequest(
            id=id,
            urn=self.urn(token, name),
            olds=encode(outputs),
            old_inputs=encode(old),
            news=encode(self.check(token, name, new)),
            preview=preview,
            timeout=timeout,
        )
        return decode(_call(self.stub.Update, request).properties)

    def read(
        self, token: str, name: str, id: str, inputs: Properties | None = None, outputs: Properties | None = None
    ) -> Any:
        """(id, inputs, outputs); the id is empty if the object is gone."""
        request = pb.ReadRequest(
            id=id, urn=self.urn(token, name), inputs=encode(inputs or {}), properties=encode(outputs or {})
        )
        response = _call(self.stub.Read, request)
        return response.id, decode(response.inputs), decode(response.properties)

    def delete(self, token: str, name: str, id: str, outputs: Properties) -> None:
        """Delete."""
        _call(self.stub.Delete, pb.DeleteRequest(id=id, urn=self.urn(token, name), properties=encode(outputs)))

    def cancel(self) -> None:
        """Cancel."""
        _call(self.stub.Cancel, empty_pb2.Empty())


def _call(method: Any, request: Any) -> Any:
    try:
        return method(request, timeout=60)
    except grpc.RpcError as error:
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                raise _partial(value) from None
        raise PluginError(error.details()) from None


def _partial(packed: bytes) -> PartialFailure:
    detail: any_pb2.Any = status_pb2.Status.FromString(packed).details[0]
    failed = pb.ErrorResourceInitFailed()
    assert detail.Unpack(failed)
    return PartialFailure(failed.id, decode(failed.properties), list(failed.reasons))


def _answer(response: pb.DiffResponse) -> Answer:
    kinds = {path: pb.PropertyDiff.Kind.Name(item.kind) for path, item in response.detailedDiff.items()}
    return Answer(
        response.changes == pb.DiffResponse.DIFF_SOME, kinds, list(response.replaces), response.deleteBeforeReplace
    )


@contextmanager
def running() -> Iterator[Plugin]:
    """A plugin in a thread of its own, not yet configured."""
    loop = asyncio.new_event_loop()
    ready: list[int] = []
    started = threading.Event()
    stop = asyncio.Event()

    async def serve() -> None:
        server = grpc.aio.server()
        servicer = FlyteServicer([], "")
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
        ready.append(server.add_insecure_port("127.0.0.1:0"))
        await server.start()
        started.set()
        await stop.wait()
        await server.stop(0)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert started.wait(60), "the plugin did not start"
    channel = grpc.insecure_channel(f"127.0.0.1:{ready[0]}")
    try:
        yield Plugin(provider_pb2_grpc.ResourceProviderStub(channel))
    finally:
        channel.close()
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
        loop.close()
