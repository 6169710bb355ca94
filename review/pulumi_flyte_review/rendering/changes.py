"""Changes of workloads in words: the operation, what is lost, the reasons, and who has to look. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_flyte_review.model.preview import Operation
from pulumi_flyte_review.model.reason import UpstreamReason
from pulumi_flyte_review.model.report import Change, Loss
from pulumi_flyte_review.model.workload import Kind
from pulumi_flyte_review.rendering.causes import Causes
from pulumi_flyte_review.rendering.pieces import Name, Piece, listed
from pulumi_flyte_review.rendering.reasons import because, from_upstream

VERBS: Mapping[Operation, str] = {
    "delete": "deletes",
    "replace": "replaces",
    "create": "creates",
    "import": "imports",
    "update": "updates",
    "read": "reads",
    "same": "leaves",
}
# What somebody did outside of Pulumi.
_DONE_OUTSIDE: Mapping[Operation, str] = {"delete": "deleted", "update": "changed"}
_LOSSES: Mapping[tuple[Operation, Kind], str] = {
    ("delete", "app"): "its address stops answering",
    ("delete", "task"): "this stack can no longer start it; its versions and runs stay",
    ("delete", "secret"): "its value is deleted from the store",
    ("delete", "trigger"): "it no longer starts runs",
    ("replace", "app"): "its address may not answer during the update",
    ("replace", "task"): "its former versions and runs stay",
    ("replace", "secret"): "its former key is deleted from the store",
    ("replace", "trigger"): "it is deleted and created again",
}
# The properties that an app's address is made of.
_ADDRESS = frozenset({"name", "project", "domain", "org", "endpoint"})


def verb(operation: Operation, *, drift: bool = False) -> str:
    """Return what happens to a resource, or what somebody did to it outside of Pulumi."""
    return _DONE_OUTSIDE.get(operation, operation) if drift else VERBS[operation]


def consequence(change: Change) -> str | None:
    """Return what is lost by a deletion or a replacement."""
    if change.operation == "replace" and change.kind == "app" and _ADDRESS.intersection(change.replaced_because):
        return "it gets another address, and the former one stops answering"
    return _LOSSES.get((change.operation, change.kind))


def notes_of(change: Change, *, drift: bool = False) -> list[str]:
    """Return what a reader has to know of a change besides its reasons."""
    if drift:
        return []
    if change.operation == "same":
        return ["the update does not undo the drift"]
    loss = consequence(change)
    if loss is not None:
        return [loss]
    if change.restarts:
        return ["restarts"]
    return ["in Pulumi's state only"] if is_in_state_only(change) else []


def is_in_state_only(change: Change) -> bool:
    """Return whether an argument changes that has no effect on any object."""
    component = change.kind in ("app", "task", "secret")
    return component and change.operation == "update" and change.resources == (change.urn,)


def lost(loss: Loss) -> list[Piece]:
    """Return a resource below a workload that is deleted."""
    if loss.operation == "delete":
        return ["deletes ", Name(loss.resource), ", which an earlier update left to be deleted"]
    pieces: list[Piece] = ["replaces ", Name(loss.resource)]
    for index, path in enumerate(loss.because):
        pieces += [", " if index else ": ", Name(path)]
    return [*pieces, " cannot change in place"] if loss.because else pieces


def renamed(change: Change) -> list[Piece]:
    """Return that a workload looks like another one under a new name, and how to keep that one."""
    rename = change.rename
    if rename is None:
        return []
    if change.operation == "delete":
        return [f"it looks like a rename: {change.kind} ", Name(rename.name), " has the same code and arguments"]
    alias = Name(f'opts=ResourceOptions(aliases=[Alias(name="{rename.name}")])')
    flyte_name: list[Piece] = [] if rename.flyte_name is None else [" and ", Name(f'name="{rename.flyte_name}"')]
    pieces: list[Piece] = [f"it looks like {change.kind} ", Name(rename.name), " under another name: ", alias]
    return [*pieces, *flyte_name, f" keep{'' if flyte_name else 's'} that one"]


def dependents(change: Change, causes: Causes) -> list[Piece]:
    """Return who calls what changes and stays as it is, if anybody does. A reader may want to try them."""
    names = [name for name in change.dependents if not causes.has(name)]
    if not names or change.kind not in ("app", "task") or is_in_state_only(change):
        return []
    workloads = [(f"{kind} ", Name(name)) for kind, _, name in (each.partition(" ") for each in names)]
    return ["called by " if change.kind == "app" else "started by ", *listed(workloads)]


def explanations(change: Change, causes: Causes) -> list[list[Piece]]:
    """Return why something changes, a sentence for each reason. What one other workload brings is one sentence."""
    sentences: list[list[Piece]] = []
    upstream: dict[str, list[UpstreamReason]] = {}
    for reason in change.reasons:
        if isinstance(reason, UpstreamReason):
            upstream.setdefault(reason.upstream, []).append(reason)
        else:
            sentences.append(because(reason, causes))
    sentences += [from_upstream(reasons, causes) for reasons in upstream.values()]
    # A workload that is replaced itself loses what is below it, too.
    losses = [] if change.operation == "replace" else [lost(loss) for loss in change.losses]
    return [*losses, *sentences, *filter(None, [renamed(change)])]
