"""Ownership of an app, by the mark in its spec."""

from __future__ import annotations

from flyteidl2.app import app_definition_pb2 as pb

from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.ownership.takeover import Subject
from pulumi_flyte_provider.resources.app import wire
from pulumi_flyte_provider.resources.app.calls import require_same_app
from pulumi_flyte_provider.resources.app.identity import TOKEN, path, title
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.state import State


def require_free(operation: Operation, identifier: pb.Identifier, live: pb.App | None, *, adopt: bool) -> None:
    """For Create: raise OwnershipError if the app exists and does not belong to this resource."""
    if live is not None:
        require_same_app(live, identifier)
        takeover.require_free(_subject(identifier), wire.read(live.spec).mark, operation.owner, adopt=adopt)


def require_ours(
    operation: Operation, identifier: pb.Identifier, live: pb.App | None, old: State, *, adopt: bool
) -> None:
    """For Update: raise OwnershipError if somebody else has taken the app over."""
    if live is not None:
        require_same_app(live, identifier)
        mark = wire.read(live.spec).mark
        takeover.require_ours(_subject(identifier), mark, old.owner, operation.owner, adopt=adopt)


def _subject(identifier: pb.Identifier) -> Subject:
    return Subject(TOKEN, path(identifier), title(identifier))
