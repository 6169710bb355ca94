"""Reasons and operations in words, which every format for people uses. Pure.

A `Text` is a list of pieces: words, and names that a format may set off.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pulumi_flyte_review.model.exports import ExportChange
from pulumi_flyte_review.model.preview import SECRET, STACK, Json, Operation
from pulumi_flyte_review.model.reason import (
    ArgumentReason,
    ConfigurationReason,
    DriftReason,
    FileReason,
    PackageReason,
    PropertyReason,
    Reason,
    SecretReason,
    UpstreamReason,
)
from pulumi_flyte_review.model.report import Change, Connection, ContractBreak, Loss, Report
from pulumi_flyte_review.model.workload import Kind
from pulumi_flyte_review.rendering.causes import Causes

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
_EDITS = {"add": "added", "update": "changed", "delete": "removed"}
_UPSTREAM = {
    ("secret", "version"): "gets another value",
    ("environment", "settings"): "has other settings",
}
_UPSTREAM_PARTS = {
    "version": "gets a new version",
    "endpoint": "gets another place",
    "credential": "asks its callers for other credentials",
}
_LOSSES: Mapping[tuple[Operation, Kind], str] = {
    ("delete", "app"): "its address stops answering",
    ("delete", "task"): "nobody can start it by this stack; its versions and runs stay",
    ("delete", "secret"): "its value is deleted from the store",
    ("delete", "trigger"): "it starts no more runs",
    ("replace", "app"): "its address may stop answering meanwhile",
    ("replace", "task"): "its former versions and runs stay",
    ("replace", "secret"): "its former key is deleted from the store",
    ("replace", "trigger"): "it is deleted and made anew",
}
# The properties that an app's address is made of.
_ADDRESS = frozenset({"name", "project", "domain", "org", "endpoint"})
_LONGEST = 60
_MOST_NAMES = 8
# A longer chain of reasons ends in dots. A report can come from a file, in which reasons may lead in a circle.
_LONGEST_CHAIN = 8


class Name(NamedTuple):
    """A name or a value that stands out from the words around it."""

    text: str


Piece = str | Name


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
    named: list[Piece] = [] if rename.flyte_name is None else [" and ", Name(f'name="{rename.flyte_name}"')]
    pieces: list[Piece] = [f"it looks like {change.kind} ", Name(rename.name), " under another name: ", alias, *named]
    return [*pieces, f" keep{'' if named else 's'} that one"]


def dependents(change: Change, causes: Causes) -> list[Piece]:
    """Return who calls what changes and stays as it is, if anybody does. A reader may want to try them."""
    names = [name for name in change.dependents if not causes.has(name)]
    if not names or change.kind not in ("app", "task") or is_in_state_only(change):
        return []
    pieces: list[Piece] = ["called by " if change.kind == "app" else "started by "]
    for index, name in enumerate(names[:_MOST_NAMES]):
        kind, _, rest = name.partition(" ")
        pieces += [", " if index else "", f"{kind} ", Name(rest)]
    return [*pieces, f" and {len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else pieces


def explanations(change: Change, causes: Causes) -> list[list[Piece]]:
    """Return why something changes, a sentence for each reason. What one other workload brings is one sentence."""
    sentences: list[list[Piece]] = []
    upstream: dict[tuple[str, str], list[UpstreamReason]] = {}
    for reason in change.reasons:
        if isinstance(reason, UpstreamReason):
            upstream.setdefault((reason.kind, reason.name), []).append(reason)
        else:
            sentences.append(because(reason, causes))
    sentences += [_upstream(reasons, causes) for reasons in upstream.values()]
    # A workload that is replaced itself loses what is below it, too.
    losses = [] if change.operation == "replace" else [lost(loss) for loss in change.losses]
    return [*losses, *sentences, *filter(None, [renamed(change)])]


def because(reason: Reason, causes: Causes, length: int = 0) -> list[Piece]:
    """Return a reason in words. length: of the chain that leads to it."""
    if isinstance(reason, FileReason):
        return [Name(reason.path), f" {_EDITS[reason.edit]}"]
    if isinstance(reason, ArgumentReason):
        return [Name(reason.path), *_edit(reason.old, reason.new, secret=reason.secret)]
    if isinstance(reason, ConfigurationReason):
        return ["configuration ", Name(reason.key), " changed"]
    if isinstance(reason, UpstreamReason):
        return _upstream([reason], causes, length)
    if isinstance(reason, SecretReason):
        return ["it has another value"]
    if isinstance(reason, PackageReason):
        return _package(reason)
    if isinstance(reason, DriftReason):
        return _drift(reason)
    return _property(reason)


def _upstream(reasons: Sequence[UpstreamReason], causes: Causes, length: int = 0) -> list[Piece]:
    """Return the other workload, what of it reaches this one, and why that changes."""
    reason = reasons[0]
    words = [_UPSTREAM.get((each.kind, each.by)) or _UPSTREAM_PARTS.get(each.by, "changes") for each in reasons]
    first, *more = causes.of(reason) or (None,)
    pieces: list[Piece] = [f"{reason.kind} ", Name(reason.name), f" {' and '.join(words)}"]
    if first is None or isinstance(first, SecretReason):
        return pieces
    rest = f" and {len(more)} more reason{'s' if len(more) > 1 else ''}" if more else ""
    if length >= _LONGEST_CHAIN:
        return [*pieces, " ← …"]
    return [*pieces, " ← ", *because(first, causes, length + 1), rest]


def _package(reason: PackageReason) -> list[Piece]:
    if reason.old is None:
        return ["package ", Name(f"{reason.name} {reason.new}".strip()), " is added"]
    if reason.new is None:
        return ["package ", Name(f"{reason.name} {reason.old}".strip()), " is removed"]
    return ["package ", Name(reason.name), *_edit(reason.old, reason.new)]


def _drift(reason: DriftReason) -> list[Piece]:
    if not reason.path:
        return ["it was deleted outside of Pulumi"]
    if reason.old is None:
        return [Name(reason.path), " was set to ", Name(shown(reason.new)), " outside of Pulumi"]
    if reason.new is None:
        return [Name(reason.path), " was unset outside of Pulumi (it was ", Name(shown(reason.old)), ")"]
    return [Name(reason.path), *_edit(reason.old, reason.new), " outside of Pulumi"]


def _property(reason: PropertyReason) -> list[Piece]:
    if not reason.path:
        return [Name(reason.resource), f": {reason.new}"]
    place: list[Piece] = [Name(reason.resource), ": ", Name(reason.path)]
    # The provider compares what it computes, too, which the values here do not show.
    return [*place, " changes"] if reason.old == reason.new else [*place, *_edit(reason.old, reason.new)]


def _edit(old: Json, new: Json, *, secret: bool = False) -> list[Piece]:
    """Return what becomes of a value."""
    if secret or (old == SECRET and new == SECRET):
        word = (
            "is set to a secret value"
            if old is None
            else "is no longer set"
            if new is None
            else "is another secret value"
        )
        return [f" {word}"]
    if old is None:
        return [" is set to ", Name(shown(new))]
    if new is None:
        return [" is no longer set (it was ", Name(shown(old)), ")"]
    return [": ", Name(shown(old)), " → ", Name(shown(new))]


def shown(value: Json) -> str:
    """Return a value on one line, cut where it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def opened(connection: Connection) -> list[Piece]:
    """Return who can reach whom, and could not before. Anybody at all stands out."""
    return ["opens ", Name(connection.caller), " → ", Name(connection.callee), *_port(connection)]


def closed(connection: Connection) -> list[Piece]:
    """Return who could reach whom, and cannot afterwards."""
    return ["closes ", Name(connection.caller), " → ", Name(connection.callee), *_port(connection)]


def _port(connection: Connection) -> list[Piece]:
    return [", port ", Name(connection.port)] if connection.port else []


def exported(export: ExportChange) -> list[Piece]:
    """Return what becomes of an output of the stack."""
    name: list[Piece] = ["output ", Name(export.name)]
    if export.edit == "delete":
        return [*name, " goes, and fails whoever reads it (it was ", Name(shown(export.old)), ")"]
    if export.edit == "add":
        return [*name, " is new: ", Name(shown(export.new))]
    return [*name, *_edit(export.old, export.new)]


def exported_later(exports: Iterable[ExportChange]) -> list[Piece]:
    """Return the outputs whose values only the update knows, or nothing if there are none."""
    names = [export.name for export in exports if export.is_unknown]
    return ["outputs whose values only the update tells: ", *_listed(names)] if names else []


def messages(report: Report) -> Iterator[list[Piece]]:
    """Yield each message of the engine once, with the resources that it is about. One of the whole stack names none."""
    resources: dict[tuple[str, str], list[str]] = {}
    for each in report.diagnostics:
        names = resources.setdefault((each.severity, each.message), [])
        if each.urn is not None and f"::{STACK}::" not in each.urn:
            names.append(each.urn.rpartition("::")[2])
    for (severity, message), names in resources.items():
        pieces: list[Piece] = [f"{severity}: {message}"]
        count = f"{len(names):,} resources: " if len(names) > 1 else ""
        yield [*pieces, f" ({count}", *_listed(names), ")"] if names else pieces


def _listed(names: Sequence[str]) -> list[Piece]:
    """Return the first names of a list, and how many more there are."""
    pieces: list[Piece] = []
    for index, name in enumerate(names[:_MOST_NAMES]):
        pieces += [", " if index else "", Name(name)]
    return [*pieces, f" and {len(names) - _MOST_NAMES:,} more"] if len(names) > _MOST_NAMES else pieces


def broken(contract: ContractBreak) -> list[Piece]:
    """Return a call that is answered no longer as before."""
    place = f"{contract.file}:{contract.line}"
    call: list[Piece] = ["breaks a call: ", Name(place), f" of {contract.caller} uses ", Name(contract.operation)]
    return [*call, f" of {contract.callee}: {contract.problem}"]


def applying(report: Report) -> str | None:
    """Return the command that applies what a report shows, or None for a report that binds nothing."""
    changes = any(change.operation != "same" for change in report.changes)
    if report.token is None or not (changes or report.others.counts or report.exports):
        return None
    return f"pulumi-flyte up --stack {report.stack} --reviewed {report.token}"
