"""`Break`: a use of an output that is not there any more, or not as it was. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pulumi_flyte_review.consumers.exports import HIDDEN, NOT_KNOWN, Export, StackExports
from pulumi_flyte_review.consumers.uses import Use


@dataclass(frozen=True, slots=True)
class Break:
    """A use that fails in the next preview of its stack. problem: a sentence that says why."""

    use: Use
    problem: str


def breaks_of(uses: Iterable[Use], stacks: Mapping[str, StackExports]) -> Iterator[Break]:
    """Yield the uses that break. A use whose output the state does not tell breaks only with the whole stack."""
    for use in uses:
        problem = _problem(use, stacks.get(use.stack))
        if problem is not None:
            yield Break(use, problem)


def _problem(use: Use, stack: StackExports | None) -> str | None:
    if stack is None:
        return f"there is no stack {use.stack}"
    if not use.outputs:
        return None
    present = [stack.outputs[name] for name in use.outputs if name in stack.outputs]
    if not present:
        names = " or ".join(repr(name) for name in use.outputs)
        renamed = stack.like(use.export)
        hint = "" if renamed is None else f"; {renamed!r} is the same {use.export.kind}"
        return f"{use.stack} has no output {names}{hint}"
    problems = [_difference(use, export) for export in present]
    return None if None in problems else problems[0]


def _difference(use: Use, export: Export) -> str | None:
    name, was = use.outputs[0], use.export
    if export.kind in (HIDDEN, NOT_KNOWN):
        return None
    if export.kind != was.kind:
        return f"the output {name!r} of {use.stack} was of the kind {was.kind} and is of the kind {export.kind}"
    if export.target is None or was.target is None:
        return None
    if export.plane != was.plane:
        return f"the output {name!r} of {use.stack} is on {export.plane or 'no control plane'} and not on {was.plane}"
    if use.is_checked and export.target.domain != was.target.domain:
        return (
            f"the output {name!r} of {use.stack} is in the domain {export.target.domain!r}, not {was.target.domain!r}"
        )
    if use.project is not None and export.target.project != use.project:
        return f"the output {name!r} of {use.stack} is in the project {export.target.project!r}, not {use.project!r}"
    return None
