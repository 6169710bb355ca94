"""Each mistake in a program of another language is named by the property's path, as that language spells it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import resource_pb2, resource_pb2_grpc
from pulumi_flyte_provider.properties.codec import encode

from tests.provider.over_grpc import plugin
from tests.provider.plugin.components.mistakes import Mistake, mistakes, property_names

SPELLINGS = property_names()
PYTHON_SPELLINGS = {re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name) for name in SPELLINGS} - SPELLINGS


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """An engine that supports all and registers nothing."""

    def SupportsFeature(self, request: Any, context: Any) -> resource_pb2.SupportsFeatureResponse:
        """Return that it does."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=True)


@pytest.fixture(scope="module")
def engine() -> Iterator[str]:
    """The address of the engine."""
    server = grpc.server(futures.ThreadPoolExecutor(4))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(Monitor(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(0).wait()


@pytest.fixture(scope="module")
def running() -> Iterator[plugin.Plugin]:
    """One plugin for all mistakes."""
    with plugin.running() as started:
        yield started


def message_of(running: plugin.Plugin, engine: str, mistake: Mistake) -> str:
    """Return what the engine would print of a component."""
    request = pb.ConstructRequest(
        project="shop",
        stack="dev",
        type=f"flyte:index:{mistake.component}",
        name="bad",
        dryRun=True,
        monitorEndpoint=engine,
        inputs=encode(mistake.inputs),
    )
    with pytest.raises(grpc.RpcError) as error:
        running.stub.Construct(request, timeout=60)
    return str(error.value.details())


def test_every_mistake_is_named_by_its_path(running: plugin.Plugin, engine: str) -> None:
    every = list(mistakes())
    assert len(every) >= 200
    assert {mistake.kind for mistake in every} == {"wrong type", "misspelt", "missing"}
    wrong = []
    for mistake in every:
        message = message_of(running, engine, mistake)
        # A number may stand for an object with one property, which is named then.
        named = rf"- {re.escape('.'.join(mistake.path))}(\.request)?: "
        foreign = PYTHON_SPELLINGS & set(re.findall(r"\w+", message))
        if not re.search(named, message) or foreign:
            wrong.append(f"{mistake}\n    {mistake.inputs}\n    {message}\n    {foreign}")
    assert not wrong, f"{len(wrong)} of {len(every)}:\n" + "\n".join(wrong)
