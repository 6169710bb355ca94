"""Ownership of a secret, by its markers. This module never reads a value."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_flyte_provider.errors import OwnershipError
from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.ownership.takeover import Subject
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.secret import calls
from pulumi_flyte_provider.resources.secret.identity import TOKEN, SecretIdentity
from pulumi_flyte_provider.resources.secret.marker import is_marker, is_marker_of, marked_owner, marker_name
from pulumi_flyte_provider.resources.state import State


def require_free(operation: Operation, secret: SecretIdentity) -> None:
    """For Create: raise OwnershipError if the secret exists without our marker.

    It has our marker if an earlier Create was interrupted.
    """
    if not calls.exists(operation.connection, secret):
        return
    markers = _markers(operation, secret)
    if _has_marker_of(markers, secret, operation.owner):
        return
    owner = next(iter(_other_owners(markers, secret, operation.owner)), None)
    raise OwnershipError(
        takeover.collision(
            Subject(TOKEN, secret.id, secret.title), owner, operation.owner, "or refer to it: existing=true"
        )
    )


def require_ours(operation: Operation, secret: SecretIdentity, old: State) -> None:
    """For Update: raise OwnershipError if somebody else has taken the secret over."""
    if is_taken_over(operation, secret, old):
        raise OwnershipError(
            f"{secret.title} has been taken over by {_in_words(operation, secret)}: remove it from this stack with"
            " `pulumi state delete`, or declare it with adopt=true to take it back"
        )


def require_importable(operation: Operation, secret: SecretIdentity) -> None:
    """For an import: raise OwnershipError if somebody else manages the secret."""
    markers = _markers(operation, secret)
    owners = _other_owners(markers, secret, operation.owner)
    if owners and not _has_marker_of(markers, secret, operation.owner):
        if takeover.same_stack(owners[0], operation.owner):
            raise OwnershipError(takeover.importable_by_up(secret.title, owners[0]))
        raise OwnershipError(
            f"{secret.title} is managed by {owners[0]} and is not imported: refer to it here with"
            " existing=true. To move it here, remove it from that stack's state first with `pulumi state delete`,"
            " then declare it here with its value and adopt=true"
        )


def is_taken_over(operation: Operation, secret: SecretIdentity, old: State) -> bool:
    """Check whether the secret exists, but has lost the marker that we wrote.

    A resource that adopts a secret removes all other markers.
    """
    if not old.owner or not calls.exists(operation.connection, secret):
        return False
    return not _has_marker_of(_markers(operation, secret), secret, operation.owner, old.owner)


def is_made_anew(operation: Operation, secret: SecretIdentity, owners: Sequence[str], creation: str) -> bool:
    """Check whether a later Create has created the secret again, for example that of its replacement."""
    ours = {marker_name(secret.name, owner, creation) for owner in owners}
    markers = _markers(operation, secret)
    return bool(markers) and ours.isdisjoint(markers)


def remove_markers(
    operation: Operation, secret: SecretIdentity, owners: Sequence[str] | None, *, keep: str | None = None
) -> None:
    """Remove the markers of these owners, except the marker `keep`. None means all owners."""
    for marker in _markers(operation, secret):
        if marker != keep and (owners is None or _has_marker_of([marker], secret, *owners)):
            calls.remove(operation.connection, secret, marker)


def _markers(operation: Operation, secret: SecretIdentity) -> list[str]:
    """Return the markers of all owners of the secret, including former owners."""
    return [name for name in calls.names(operation.connection, secret) if is_marker(name, secret.name)]


def _has_marker_of(markers: Sequence[str], secret: SecretIdentity, *owners: str) -> bool:
    return any(is_marker_of(marker, secret.name, owner) for marker in markers for owner in owners)


def _other_owners(markers: Sequence[str], secret: SecretIdentity, owner: str) -> list[str]:
    return [marked_owner(marker, secret.name) for marker in markers if not is_marker_of(marker, secret.name, owner)]


def _in_words(operation: Operation, secret: SecretIdentity) -> str:
    owners = _other_owners(_markers(operation, secret), secret, operation.owner)
    return owners[0] if owners else "another Pulumi resource"
