"""Converts the results of resources to messages for the engine."""

from __future__ import annotations

from collections.abc import Iterable

import grpc
from google.protobuf import any_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import status_pb2
from pulumi_flyte.problems import Problem

from pulumi_flyte_provider.messages.redaction import Redactor
from pulumi_flyte_provider.properties.codec import encode
from pulumi_flyte_provider.properties.difference import Difference
from pulumi_flyte_provider.properties.values import Properties
from pulumi_flyte_provider.resources.state import State

PARTIAL_FAILURE = grpc.StatusCode.UNKNOWN
_KINDS = {
    ("add", False): pb.PropertyDiff.ADD,
    ("add", True): pb.PropertyDiff.ADD_REPLACE,
    ("delete", False): pb.PropertyDiff.DELETE,
    ("delete", True): pb.PropertyDiff.DELETE_REPLACE,
    ("update", False): pb.PropertyDiff.UPDATE,
    ("update", True): pb.PropertyDiff.UPDATE_REPLACE,
}


def check_failures(problems: Iterable[Problem], redactor: Redactor) -> list[pb.CheckFailure]:
    """Return the problems without a property. With a property, the engine would print its value, even a secret."""
    return [pb.CheckFailure(reason=redactor.clean(str(problem))) for problem in problems]


def diff_response(difference: Difference) -> pb.DiffResponse:
    """Return the answer to Diff."""
    if not difference.changes:
        return pb.DiffResponse(changes=pb.DiffResponse.DIFF_NONE)
    detailed = {
        change.path: pb.PropertyDiff(kind=_KINDS[change.kind, change.replace], inputDiff=not change.output)
        for change in difference.changes
    }
    return pb.DiffResponse(
        changes=pb.DiffResponse.DIFF_SOME,
        diffs=sorted({_property_of(change.path) for change in difference.changes}),
        replaces=sorted({_property_of(change.path) for change in difference.changes if change.replace}),
        deleteBeforeReplace=difference.replaces and difference.delete_first,
        detailedDiff=detailed,
        hasDetailedDiff=True,
    )


def partial_failure(state: State, inputs: Properties, reasons: list[str]) -> bytes:
    """Return the details of the error about an object that exists but does not work.

    The engine keeps the object in state and tries again next time. It prints the reasons, and stores them in state
    without encryption.
    """
    detail = pb.ErrorResourceInitFailed(
        id=state.id, properties=encode(state.outputs), reasons=reasons, inputs=encode(inputs)
    )
    packed = any_pb2.Any()
    packed.Pack(detail)
    status = status_pb2.Status(code=PARTIAL_FAILURE.value[0], message=reasons[0], details=[packed])
    return bytes(status.SerializeToString())


def _property_of(path: str) -> str:
    return path.split(".", 1)[0].split("[", 1)[0]
