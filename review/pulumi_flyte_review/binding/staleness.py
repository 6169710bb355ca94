"""The parts of a stack that have moved since a review, and the message about them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pulumi_flyte_review.binding.review import Operations, Review
from pulumi_flyte_review.binding.token import Token

_AGAIN = "Nothing was changed. Review it again: `pulumi-flyte diff{refresh}`, then `pulumi-flyte up --reviewed TOKEN`"
_LISTED = 20


@dataclass(frozen=True, slots=True)
class Staleness:
    """The parts that have moved. All are False for a review that still holds."""

    program: bool = False
    configuration: bool = False
    state: bool = False
    world: bool = False

    def __bool__(self) -> bool:
        return self.program or self.configuration or self.state or self.world


def staleness(reviewed: Token, now: Token) -> Staleness:
    """Return what has moved between a review and now.

    A program, a state or a configuration that moved counts only if what changes, or what it changes from, is other than
    reviewed.
    """
    secrets = reviewed.ciphertexts != now.ciphertexts
    if (reviewed.goal, reviewed.start) == (now.goal, now.start) and not secrets:
        return Staleness()
    program = reviewed.program != now.program
    configuration = reviewed.configuration != now.configuration
    moved = Staleness(
        program=program and not configuration,
        configuration=secrets or (program and configuration),
        state=reviewed.state != now.state,
        world=reviewed.world != now.world,
    )
    # Nothing tells what it was, such as a secret in the program itself.
    return moved or Staleness(program=True)


def refusal(review: Review, now: Token, operations: Callable[[], Operations]) -> str | None:
    """Return why a review does not hold any more, or None if it does.

    operations: returns those of the preview of now. It is called where they have to be compared only.
    """
    moved = staleness(review.token, now)
    if not moved:
        return None
    lines = ["what was reviewed has moved:", *(f"- {each}" for each in _parts(moved))]
    if review.operations is None:
        lines.append("- a JSON report of the review (`--reviewed report.json`) would say here which changes differ")
    else:
        lines += _listed(list(_differing(review.operations, operations())))
    refresh = " --refresh" if review.token.is_refreshed else ""
    return "\n".join([*lines, _AGAIN.format(refresh=refresh)])


def _parts(moved: Staleness) -> Iterator[str]:
    if moved.program:
        yield "the program: it declares something else than at the review"
    if moved.configuration:
        yield "the stack's configuration: what changes depends on a value that was set since"
    if moved.state:
        yield "the state: somebody else has updated the stack since, or this update has been applied already"
    if moved.world:
        yield "the world: what this update changes was changed outside of Pulumi since"


def _differing(reviewed: Operations, now: Operations) -> Iterator[str]:
    for key in sorted({*reviewed, *now}, key=lambda key: ((now.get(key) or reviewed[key]).title, key)):
        before, after = reviewed.get(key), now.get(key)
        if after is None:
            yield f"- {reviewed[key].title}: no {reviewed[key].operation} any more"
        elif before is None:
            yield f"- {after.title}: {after.operation}, which was not reviewed"
        elif before.operation != after.operation:
            yield f"- {after.title}: {after.operation}, which was reviewed as {before.operation}"


def _listed(differing: list[str]) -> list[str]:
    if not differing:
        return ["- the same resources change, from or to other values than those reviewed"]
    rest = len(differing) - _LISTED
    return [*differing[:_LISTED], *([f"- and {rest} more"] if rest > 0 else [])]
