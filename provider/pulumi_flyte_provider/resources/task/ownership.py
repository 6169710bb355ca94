"""Ownership of a task. Versions outlive their resource, so the latest version decides."""

from __future__ import annotations

from flyteidl2.task import task_definition_pb2 as pb

from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.ownership.mark import Mark
from pulumi_flyte_provider.ownership.takeover import Subject
from pulumi_flyte_provider.properties import placeholders
from pulumi_flyte_provider.properties.difference import compare
from pulumi_flyte_provider.properties.values import Properties, reveal
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.state import State
from pulumi_flyte_provider.resources.task import calls, wire
from pulumi_flyte_provider.resources.task.identity import TOKEN, path, title


def require_free(
    operation: Operation,
    identifier: pb.TaskIdentifier,
    inputs: Properties,
    live: pb.TaskDetails | None,
    latest: pb.TaskDetails | None,
) -> None:
    """For Create: raise OwnershipError if the task belongs to somebody else.

    A task that another resource of this stack has deployed is free. So is a version without a mark that is equal to the
    declared one.
    """
    if (live is None and latest is None) or (live is not None and _is_unmarked_equal(live, inputs)):
        return
    mark = _deciding_mark(live, latest)
    adopt = _may_take_over(operation, inputs, mark)
    takeover.require_free(_subject(identifier), mark, operation.owner, adopt=adopt)


def require_ours(
    operation: Operation,
    identifier: pb.TaskIdentifier,
    inputs: Properties,
    live: pb.TaskDetails | None,
    old: State,
) -> None:
    """For Update: raise OwnershipError if somebody else has taken the task over."""
    if live is None:
        return
    mark = _deciding_mark(live, calls.get_latest(operation.connection, identifier))
    adopt = _may_take_over(operation, inputs, mark)
    takeover.require_ours(_subject(identifier), mark, old.owner, operation.owner, adopt=adopt)


def _subject(identifier: pb.TaskIdentifier) -> Subject:
    return Subject(TOKEN, path(identifier), title(identifier))


def _may_take_over(operation: Operation, inputs: Properties, mark: Mark | None) -> bool:
    is_of_this_stack = mark is not None and takeover.same_stack(mark.owner, operation.owner)
    return reveal(inputs).get("adopt") is True or is_of_this_stack


def _deciding_mark(live: pb.TaskDetails | None, latest: pb.TaskDetails | None) -> Mark | None:
    """Return the mark that decides about ownership: that of the latest version, or else of the deployed version.

    A version that was deployed before the stack was renamed has the mark of the former owner.
    """
    marks = [wire.read(version.spec).mark for version in (latest, live) if version is not None]
    return next((mark for mark in marks if mark is not None), None)


def _is_unmarked_equal(live: pb.TaskDetails, inputs: Properties) -> bool:
    """Check whether the live version has no mark and is equal to the declared version."""
    content, normal = wire.read(live.spec), wire.NORMAL_FORM
    declared = {key: value for key, value in normal.of(inputs).items() if key not in normal.outside}
    before = reveal(inputs)
    restored = placeholders.restore(content.inputs, before, bundle=before.get("bundle"), version=live.task_id.version)
    return content.mark is None and not compare(normal.of(restored), declared)
