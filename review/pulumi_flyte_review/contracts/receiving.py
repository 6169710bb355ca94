"""Compares what a caller reads of a response with what the callee answered before and answers now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pulumi_flyte_review.contracts.api import Operation
from pulumi_flyte_review.contracts.comparison import EACH, ENTRY, differences, moved
from pulumi_flyte_review.contracts.limits import Difference, Path
from pulumi_flyte_review.contracts.problems import Problem, answered_problem, subject_of
from pulumi_flyte_review.contracts.schemas import Schemas, Side, union
from pulumi_flyte_review.contracts.usage import ALSO_WHOLE, Call, Reads
from pulumi_flyte_review.contracts.usage import EACH as EACH_READ

JSON = "json"
_SUBJECT = "response"


def response_problems(
    call: Call, old: Operation, new: Operation, schemas: Schemas, later: Schemas
) -> Iterator[Problem]:
    """Yield how the callee answers a call otherwise than before."""
    for status in call.statuses:
        if (
            str(status) in old.responses
            and str(status) not in new.responses
            and f"{status // 100}XX" not in new.responses
        ):
            yield Problem(f"the status {status} is gone")
    before, after = (_successes(each) for each in (old, new))
    if before and not after:
        yield Problem("no status of success is left")
        return
    if call.reads is None:
        return
    one = union([Side(old.responses[each][JSON], schemas) for each in before if JSON in old.responses[each]])
    other = union([Side(new.responses[each][JSON], later) for each in after if JSON in new.responses[each]])
    if one is not None and other is None:
        yield Problem("the response is no longer JSON")
    elif one is not None and other is not None:
        yield from _read_problems(call.reads, one, other, ())


def _successes(operation: Operation) -> list[str]:
    return [status for status in operation.responses if status.startswith("2") or status == "default"]


def _read_problems(reads: Reads, old: Side, new: Side, path: Path) -> Iterator[Problem]:
    if not isinstance(reads, Mapping):
        # Whoever gets the value may read any part of it.
        for difference in differences(new, old):
            if difference.rule != "closed":
                is_certain = all(part in (ENTRY, EACH) or part.startswith("[") for part in difference.path)
                yield Problem(answered_problem(_SUBJECT, moved(difference, path)), is_certain)
        return
    if ALSO_WHOLE in reads:
        for problem in _read_problems(1, old, new, path):
            if not problem.is_certain:
                yield problem
    yield from _type_problems(old, new, path)
    for name, part in reads.items():
        if name == EACH_READ:
            yield from _each_problems(part, old, new, path)
        elif name != ALSO_WHOLE:
            yield from _field_problems(name, part, old, new, path)


def _type_problems(old: Side, new: Side, path: Path) -> Iterator[Problem]:
    """Compare the types of a value whose parts are read."""
    if any(kind == "anything" for kind in old.kinds):
        return
    for kind in new.kinds:
        if kind not in old.kinds and not (kind == "integer" and "number" in old.kinds):
            yield Problem(answered_problem(_SUBJECT, Difference(path, "type", kind, tuple(old.kinds))))


def _each_problems(reads: Reads, old: Side, new: Side, path: Path) -> Iterator[Problem]:
    """Compare the elements of a list, or the entries of a mapping."""
    before, after = (_elements(side) for side in (old, new))
    if before is not None and after is not None:
        yield from _read_problems(reads, before, after, (*path, EACH))


def _elements(side: Side) -> Side | None:
    parts = [each.items for each in side.alternatives if each.kind == "array"]
    entries = [each.others for each in side.alternatives if each.kind == "object"]
    return union([*parts, *(each for each in entries if each is not None)])


def _field_problems(name: str, reads: Reads, old: Side, new: Side, path: Path) -> Iterator[Problem]:
    field = name.removesuffix("?")
    before = [each for each in old.alternatives if each.kind == "object"]
    after = [each for each in new.alternatives if each.kind == "object"]
    had = [part for each in before if (part := _part(each, field)) is not None]
    has = [part for each in after if (part := _part(each, field)) is not None]
    one, other = union(had), union(has)
    if one is None or not after:  # not a field of the old response, or a type that has been reported
        return
    what = subject_of(_SUBJECT, (*path, field))
    if other is None:
        yield Problem(f"{what} is gone")
        return
    was_sure = all(field in each.required for each in before)
    is_sure = all(field in each.required for each in after)
    if was_sure and not is_sure and not name.endswith("?"):
        yield Problem(f"{what} may be missing")
    yield from _read_problems(reads, one, other, (*path, field))


def _part(side: Side, name: str) -> Side | None:
    """Return the schema of a property, also of one that is an entry of a mapping."""
    declared = side.part(name)
    if declared is None and isinstance(side.schema.get("additionalProperties"), Mapping):
        return side.others
    return declared
