"""Whose an object is. The plugin takes over nothing that it did not make, unless told to (`adopt`, or an import)."""

from __future__ import annotations

from dataclasses import replace

from pulumi_flyte.naming import names

from pulumi_flyte_provider.errors import OwnershipError
from pulumi_flyte_provider.ownership.mark import Mark
from pulumi_flyte_provider.properties.codec import Tree
from pulumi_flyte_provider.properties.difference import Change, Difference

MADE_ANEW = "was made anew by a later update"
BY_NAME = "or refer to it by name instead of declaring it"


def require_free(
    what: str, token: str, id: str, mark: Mark | None, owner: str, *, adopt: bool, reference: str = BY_NAME
) -> None:
    """For Create: an existing object must carry our own mark (an interrupted create), or be adopted.

    `reference` says how a program refers to an object that somebody else manages.
    """
    if not adopt and (mark is None or mark.owner != owner):
        raise OwnershipError(collision(what, token, id, mark.owner if mark else None, owner, reference))


def collision(what: str, token: str, id: str, found: str | None, owner: str, reference: str = BY_NAME) -> str:
    """Return the message about an object that another resource, or nobody, manages: one way out a line.

    found: the owner that the object names; None where it has no mark.
    """
    if found is None:
        return with_ways(
            f"{what} exists already and is not managed by Pulumi",
            f"import it: `pulumi import {token} NAME {id}`",
            reference,
            "or choose another name",
            "or take it over from whoever made it: adopt=true",
        )
    if same_stack(found, owner):
        return with_ways(
            f"{what} is managed by {found}, another resource of this stack",
            "if that one was renamed or moved to another parent, name it in `aliases`",
            "or give this one another name",
            "or remove both first: an `up` without either of them, then declare this one",
        )
    return with_ways(
        f"{what} is managed by {found} (Pulumi project/stack/resource)",
        f"give each stack a project or domain of its own: `pulumi config set flyte:project {_own_project(owner)}`",
        "or choose another name",
        reference,
        "adopt=true would take it away from that stack",
    )


def with_ways(problem: str, *ways: str) -> str:
    """Return a message with one way out a line."""
    return "\n- ".join((f"{problem}:", *ways))


def _own_project(owner: str) -> str:
    """Return a Flyte project that only this stack would use."""
    suggestion = "-".join(owner.split("/")[:2]).lower()
    return suggestion if names.scope_name_problem(suggestion) is None else "NAME"


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


def is_another_creation(mark: Mark | None, recorded: str | None) -> bool:
    """For Delete: return whether a later Create made the object anew. `recorded` is the creation that state knows."""
    return mark is not None and None not in (mark.creation, recorded) and mark.creation != recorded


def is_foreign(mark: Mark | None, recorded: str | None, owner: str) -> bool:
    """For Delete: whether somebody else has taken the object over since we recorded its owner."""
    return mark is not None and mark.owner not in (owner, recorded)
