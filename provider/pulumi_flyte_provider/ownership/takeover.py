"""The rules for objects that already exist. The plugin takes them over only with `adopt` or an import."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pulumi_flyte.naming import names

from pulumi_flyte_provider.errors import OwnershipError
from pulumi_flyte_provider.ownership.mark import Mark
from pulumi_flyte_provider.properties.difference import Change, Difference

MADE_ANEW = "was made anew by a later update"
BY_NAME = "or refer to it by name instead of declaring it"


@dataclass(frozen=True)
class Subject:
    """The object that a rule is about: the token and id of its resource, and its name in messages."""

    token: str
    id: str
    title: str


def require_free(subject: Subject, mark: Mark | None, owner: str, *, adopt: bool) -> None:
    """For Create: raise OwnershipError if the object exists, unless it has our mark or is adopted.

    It has our mark if an earlier Create was interrupted.
    """
    if not adopt and (mark is None or mark.owner != owner):
        raise OwnershipError(collision(subject, mark.owner if mark else None, owner))


def require_ours(subject: Subject, mark: Mark | None, recorded: str | None, owner: str, *, adopt: bool) -> None:
    """For Update: raise OwnershipError if another resource has taken the object over since state recorded its owner."""
    if adopt or mark is None or mark.owner in (owner, recorded):
        return
    raise OwnershipError(
        f"{subject.title} has been taken over by {mark.owner} (Pulumi project/stack/resource): remove it from this"
        " stack with `pulumi state delete`, or declare it with adopt=true to take it back"
    )


def require_importable(title: str, marked: str | None, owner: str) -> None:
    """For an import: raise OwnershipError if somebody else manages the object, because two resources would change it.

    marked: the owner in the object's mark, or None if nobody manages the object.
    """
    if marked is None or marked == owner:
        return
    if same_stack(marked, owner):
        raise OwnershipError(importable_by_up(title, marked))
    raise OwnershipError(
        f"{title} is managed by {marked} (Pulumi project/stack/resource) and is not imported: declare or change it"
        " there. To move it here, remove it from that stack's state first with `pulumi state delete`, then declare it"
        " here with adopt=true instead of importing it"
    )


def importable_by_up(title: str, marked: str) -> str:
    """Return the message about the import of an object that another resource of the same stack manages."""
    return (
        f"{title} is managed by {marked}, another resource of this stack, and is not imported: declare it in the"
        " program, and `pulumi up` takes it in, even after `pulumi state delete`"
    )


def is_another_creation(mark: Mark | None, recorded: str | None) -> bool:
    """For Delete: check whether a later Create has created the object again. `recorded` is the creation in state."""
    return mark is not None and None not in (mark.creation, recorded) and mark.creation != recorded


def is_foreign(mark: Mark | None, recorded: str | None, owner: str) -> bool:
    """For Delete: check whether somebody else has taken the object over since state recorded its owner."""
    return mark is not None and mark.owner not in (owner, recorded)


def recorded_owner(recorded: str | None, mark: Mark | None, owner: str) -> str | None:
    """For Read: return the owner to record: the one in state, or this resource. Another owner must not be recorded,
    because later rules would then treat that owner's object as ours."""
    return recorded or (owner if mark is not None and mark.owner == owner else None)


def with_owner(difference: Difference, recorded: str | None, owner: str) -> Difference:
    """For Diff: add a change of the owner if the stack or the resource was renamed after its mark was written.

    That update writes a new mark. Otherwise a new stack with the old name would treat the object as its own.
    An object that was imported and never updated has no recorded owner. Its first update writes the mark.
    """
    if recorded is None or recorded == owner:
        return difference
    return replace(difference, changes=(*difference.changes, Change("owner", "update", output=True)))


def same_stack(owner: str, other: str) -> bool:
    """Check whether two owners are resources of the same stack."""
    return owner.split("/")[:2] == other.split("/")[:2]


def collision(subject: Subject, marked: str | None, owner: str, reference: str = BY_NAME) -> str:
    """Return the message about an object that another resource or nobody manages. Each line suggests a solution.

    marked: the owner in the object's mark, or None if it has no mark.
    reference: the suggestion to refer to an object that somebody else manages.
    """
    if marked is None:
        return with_ways(
            f"{subject.title} exists already and is not managed by Pulumi",
            f"import it: `pulumi import {subject.token} NAME {subject.id}`",
            reference,
            "or choose another name",
            "or take it over from whoever made it: adopt=true",
        )
    if same_stack(marked, owner):
        return with_ways(
            f"{subject.title} is managed by {marked}, another resource of this stack",
            "if that one was renamed or moved to another parent, name it in `aliases`",
            "or give this one another name",
            "or remove both first: an `up` without either of them, then declare this one",
        )
    return with_ways(
        f"{subject.title} is managed by {marked} (Pulumi project/stack/resource)",
        f"give each stack a project or domain of its own: `pulumi config set flyte:project {_free_project(owner)}`",
        "or choose another name",
        reference,
        "adopt=true would take it away from that stack",
    )


def with_ways(problem: str, *ways: str) -> str:
    """Return a message with one suggestion per line."""
    return "\n- ".join((f"{problem}:", *ways))


def _free_project(owner: str) -> str:
    """Return the name of a Flyte project that only this stack would use."""
    suggestion = "-".join(owner.split("/")[:2]).lower()
    return suggestion if names.scope_name_problem(suggestion) is None else "NAME"
