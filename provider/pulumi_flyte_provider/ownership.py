"""Whose an object is. The plugin takes over nothing that it did not make, unless told to (`adopt`, or an import)."""

from __future__ import annotations

from dataclasses import replace

from pulumi_flyte_provider.codec import Tree
from pulumi_flyte_provider.differ import Change, Difference
from pulumi_flyte_provider.errors import OwnershipError
from pulumi_flyte_provider.mark import Mark

MOVED = (
    "where the resource was renamed or moved to another parent, `aliases` that name the old one"
    " (or delete the old one first: an `up` without either)"
)


def require_free(what: str, token: str, id: str, mark: Mark | None, owner: str, *, adopt: bool) -> None:
    """For Create: an existing object must carry our own mark (an interrupted create), or be adopted."""
    if adopt or (mark is not None and mark.owner == owner):
        return
    if mark is None:
        raise OwnershipError(
            f"{what} exists already and is not managed by Pulumi: import it with"
            f" `pulumi import {token} NAME {id}`, declare it with adopt=true to take it over, or choose another name"
        )
    if same_stack(mark.owner, owner):
        raise OwnershipError(
            f"{what} is managed by {mark.owner}, another resource of this stack: give it another name, or, {MOVED}"
        )
    raise OwnershipError(
        f"{what} is managed by {mark.owner} (Pulumi project/stack/resource): choose another name, refer to it by name"
        " instead, or declare it with adopt=true to take it over"
    )


def require_importable(what: str, found: str | None, owner: str) -> None:
    """For a Read without recorded state (`pulumi import`): what somebody else manages would be deleted or changed by
    two. `found` is the owner that the object names, None where nobody manages it."""
    if found is None or found == owner:
        return
    raise OwnershipError(
        f"{what} is managed by {found} (Pulumi project/stack/resource) and is not imported: declare or change it there."
        " To move it here, remove it from that stack's state first with `pulumi state delete`, then declare it here"
        " with adopt=true instead of importing it"
    )


def recorded_owner(outputs: Tree, mark: Mark | None, owner: str) -> str | None:
    """What Read records: the owner that state knows, or ourselves. A foreign one would make its object ours."""
    recorded = outputs.get("owner")
    return recorded or (owner if mark is not None and mark.owner == owner else None)


def with_owner(difference: Difference, recorded: str | None, owner: str) -> Difference:
    """Add a change of the owner where the stack or the resource was renamed since its mark was written.

    The mark is rewritten by that update. Otherwise a new stack of the old name would take the object for its own.
    An object that was imported and never updated has no recorded owner: its mark is written by its first update.
    """
    if recorded is None or recorded == owner:
        return difference
    return replace(difference, changes=(*difference.changes, Change("owner", "update", output=True)))


def same_stack(owner: str, other: str) -> bool:
    """Whether two owners are resources of one stack."""
    return owner.split("/")[:2] == other.split("/")[:2]


def require_ours(what: str, mark: Mark | None, recorded: str | None, owner: str, *, adopt: bool) -> None:
    """For Update: state says that we manage the object; an owner who appeared since then took it over."""
    if adopt or mark is None or mark.owner in (owner, recorded):
        return
    raise OwnershipError(
        f"{what} has been taken over by {mark.owner} (Pulumi project/stack/resource): remove it from this stack with"
        " `pulumi state delete`, or declare it with adopt=true to take it back"
    )


def is_foreign(mark: Mark | None, recorded: str | None, owner: str) -> bool:
    """For Delete: whether somebody else has taken the object over since we recorded its owner."""
    return mark is not None and mark.owner not in (owner, recorded)
