"""Ownership of a trigger, by the mark in its annotations."""

from __future__ import annotations

from flyteidl2.common.identifier_pb2 import TriggerName
from flyteidl2.trigger.trigger_definition_pb2 import TriggerDetails

from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.ownership.takeover import Subject
from pulumi_flyte_provider.properties.values import Properties
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.state import State
from pulumi_flyte_provider.resources.trigger import wire
from pulumi_flyte_provider.resources.trigger.identity import TOKEN, name_of, path, title


def require_free(operation: Operation, plain: Properties, live: TriggerDetails | None) -> None:
    """For Create: raise OwnershipError if the trigger exists and does not belong to this resource."""
    if live is not None:
        adopt = plain.get("adopt") is True
        takeover.require_free(_subject(name_of(plain)), wire.read(live).mark, operation.owner, adopt=adopt)


def require_ours(operation: Operation, plain: Properties, live: TriggerDetails | None, old: State) -> None:
    """For Update: raise OwnershipError if somebody else has taken the trigger over."""
    if live is not None:
        subject, mark = _subject(name_of(plain)), wire.read(live).mark
        takeover.require_ours(subject, mark, old.owner, operation.owner, adopt=plain.get("adopt") is True)


def _subject(name: TriggerName) -> Subject:
    return Subject(TOKEN, path(name), title(name))
