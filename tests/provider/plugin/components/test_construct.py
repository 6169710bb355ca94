"""Answers to the engine's Construct requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi_flyte_provider.messages.redaction import Redactor
from pulumi_flyte_provider.plugin.components.construct import Constructions
from pulumi_flyte_provider.plugin.components.provider import component_class
from pulumi_flyte_provider.properties.codec import decode
from pulumi_flyte_provider.properties.values import UNKNOWN

NOBODY = "127.0.0.1:9"  # the discard port: no engine listens there, so a problem is the call's own error


class Aborted(Exception):
    """The error that ended a call."""


class Context:
    """The call's context, as gRPC has it."""

    def add_done_callback(self, callback: Callable[[Context], None]) -> None:
        """The call ends with the test."""

    async def abort(self, code: grpc.StatusCode, message: str) -> NoReturn:
        """End the call with an error."""
        raise Aborted(message)


def request(token: str) -> pb.ConstructRequest:
    """A component of a program's preview."""
    return pb.ConstructRequest(project="shop", stack="dev", type=token, name="web", dryRun=True, monitorEndpoint=NOBODY)


async def unknown_component() -> pb.ConstructResponse:
    """Make a component that does not exist."""
    component_class("flyte:index:Ap")
    raise AssertionError("there is no such component")


def test_a_component_that_does_not_exist_is_named() -> None:
    async def answer() -> pb.ConstructResponse:
        constructions = Constructions(Redactor())
        return await constructions.answer(request("flyte:index:Ap"), Context(), unknown_component())

    with pytest.raises(Aborted, match="unknown component 'flyte:index:Ap'; this plugin has flyte:index:App"):
        asyncio.run(answer())


def test_a_component_of_a_run_that_has_ended_is_answered_at_once() -> None:
    def never() -> Coroutine[Any, Any, pb.ConstructResponse]:
        return asyncio.sleep(3600, pb.ConstructResponse())

    async def answer() -> pb.ConstructResponse:
        constructions = Constructions(Redactor())
        pending = asyncio.create_task(constructions.answer(request("flyte:index:App"), Context(), never()))
        await asyncio.sleep(0)
        ending = asyncio.create_task(constructions.end())
        answered = await pending
        ending.cancel()
        return answered

    answered = asyncio.run(answer())
    assert answered.urn == "urn:pulumi:dev::shop::flyte:index:App::web"
    assert decode(answered.state)["endpoint"] is UNKNOWN
