"""Reasons in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

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
from pulumi_flyte_review.rendering.causes import Causes
from pulumi_flyte_review.rendering.pieces import Name, Piece, edited, shown

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
# A longer chain of reasons ends in dots. A report can come from a file, in which reasons may lead in a circle.
_LONGEST_CHAIN = 8


def because(reason: Reason, causes: Causes, length: int = 0) -> list[Piece]:
    """Return a reason in words. length: of the chain that leads to it."""
    if isinstance(reason, FileReason):
        return [Name(reason.path), f" {_EDITS[reason.edit]}"]
    if isinstance(reason, ArgumentReason):
        return [Name(reason.path), *edited(reason.old, reason.new, secret=reason.secret)]
    if isinstance(reason, ConfigurationReason):
        return ["configuration ", Name(reason.key), " changed"]
    if isinstance(reason, UpstreamReason):
        return from_upstream([reason], causes, length)
    if isinstance(reason, SecretReason):
        return ["it has another value"]
    if isinstance(reason, PackageReason):
        return _package(reason)
    if isinstance(reason, DriftReason):
        return _drift(reason)
    return _property(reason)


def from_upstream(reasons: Sequence[UpstreamReason], causes: Causes, length: int = 0) -> list[Piece]:
    """Return the other workload, what of it reaches this one, and why that changes."""
    reason = reasons[0]
    words = [_UPSTREAM.get((each.kind, each.by)) or _UPSTREAM_PARTS.get(each.by, "changes") for each in reasons]
    first, *more = causes.of(reason) or (None,)
    pieces: list[Piece] = [f"{reason.kind} ", Name(reason.name), f" {' and '.join(words)}"]
    if first is None or isinstance(first, SecretReason):
        return pieces
    others = f" and {len(more)} more reason{'s' if len(more) > 1 else ''}" if more else ""
    if length >= _LONGEST_CHAIN:
        return [*pieces, " ← …"]
    return [*pieces, " ← ", *because(first, causes, length + 1), others]


def _package(reason: PackageReason) -> list[Piece]:
    if reason.old is None:
        return ["package ", Name(f"{reason.name} {reason.new}".strip()), " is added"]
    if reason.new is None:
        return ["package ", Name(f"{reason.name} {reason.old}".strip()), " is removed"]
    return ["package ", Name(reason.name), *edited(reason.old, reason.new)]


def _drift(reason: DriftReason) -> list[Piece]:
    if not reason.path:
        return ["it was deleted outside of Pulumi"]
    if reason.old is None:
        return [Name(reason.path), " was set to ", Name(shown(reason.new)), " outside of Pulumi"]
    if reason.new is None:
        return [Name(reason.path), " was unset outside of Pulumi (it was ", Name(shown(reason.old)), ")"]
    return [Name(reason.path), *edited(reason.old, reason.new), " outside of Pulumi"]


def _property(reason: PropertyReason) -> list[Piece]:
    if not reason.path:
        return [Name(reason.resource), f": {reason.new}"]
    place: list[Piece] = [Name(reason.resource), ": ", Name(reason.path)]
    # The provider compares what it computes, too, which the values here do not show.
    return [*place, " changes"] if reason.old == reason.new else [*place, *edited(reason.old, reason.new)]
