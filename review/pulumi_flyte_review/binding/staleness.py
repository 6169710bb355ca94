"""The parts of a stack that have changed since a review, and the message about them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pulumi_flyte_review.binding.review import Operations, Review
from pulumi_flyte_review.binding.token import Token

_AGAIN = "Nothing was changed. Review it again: `pulumi-flyte diff{refresh}`, then `pulumi-flyte up --reviewed TOKEN`"
_LISTED = 20


@dataclass(frozen=True, slots=True)
class Staleness:
    """The parts that have changed. All are False for a review that still holds."""

    program: bool = False
    configuration: bool = False
    state: bool = False
    live: bool = False

    def __bool__(self) -> bool:
        return self.program or self.configuration or self.state or self.live


def staleness(reviewed: Token, now: Token) -> Staleness:
    """Return the parts that have changed between a review and now.

    A changed program, state or configuration counts only if the update would then make other changes than those
    reviewed, or would start from other values.
    """
    secrets = reviewed.ciphertexts != now.ciphertexts
    if (reviewed.goal, reviewed.start) == (now.goal, now.start) and not secrets:
        return Staleness()
    program = reviewed.program != now.program
    configuration = reviewed.configuration != now.configuration
    stale = Staleness(
        program=program and not configuration,
        configuration=secrets or (program and configuration),
        state=reviewed.state != now.state,
        live=reviewed.live != now.live,
    )
    # No part shows the cause, such as a secret in the program itself.
    return stale or Staleness(program=True)


def refusal(review: Review, now: Token, operations: Callable[[], Operations]) -> str | None:
    """Return why a review does not hold any more, or None if it does.

    operations: returns the operations of the new preview. It is called only if they have to be compared.
    """
    stale = staleness(review.token, now)
    if not stale:
        return None
    lines = ["what was reviewed has changed since:", *(f"- {each}" for each in _parts(stale))]
    if review.operations is None:
        lines.append("- pass the JSON report of the review (`--reviewed report.json`) to see here which changes differ")
    else:
        lines += _listed(list(_differing(review.operations, operations())))
    refresh = " --refresh" if review.token.is_refreshed else ""
    return "\n".join([*lines, _AGAIN.format(refresh=refresh)])


def _parts(stale: Staleness) -> Iterator[str]:
    if stale.program:
        yield "the program: it declares something else than at the review"
    if stale.configuration:
        yield "the stack's configuration: the changes depend on a value that was set since"
    if stale.state:
        yield "the state: somebody else has updated the stack since, or this update has been applied already"
    if stale.live:
        yield "the live resources: somebody changed one of this update's resources outside of Pulumi since"


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
        return ["- the same resources change, but their old or new values are not those reviewed"]
    unlisted = len(differing) - _LISTED
    return [*differing[:_LISTED], *([f"- and {unlisted} more"] if unlisted > 0 else [])]
