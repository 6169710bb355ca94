"""Compares what a call sends with what the callee took before and takes now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pulumi_flyte_review.contracts.api import Operation, Parameter
from pulumi_flyte_review.contracts.comparison import EACH, differences, moved
from pulumi_flyte_review.contracts.limits import Path
from pulumi_flyte_review.contracts.problems import Problem, sent_problem, shown, subject_of
from pulumi_flyte_review.contracts.schemas import Schemas, Side
from pulumi_flyte_review.contracts.usage import MORE, Call
from pulumi_flyte_review.model.preview import Json

JSON = "json"


def request_problems(
    call: Call, path: str, old: Operation, new: Operation, schemas: Schemas, later: Schemas
) -> Iterator[Problem]:
    """Yield why the callee no longer takes the request of a call as it did. path: the path of the call."""
    before, after = (_by_key(each.parameters) for each in (old, new))
    yield from _path_problems(path, old, new, schemas, later)
    for where in ("query", "header", "cookie"):
        sent = _sent(call, where)
        for key in sorted({*before, *after}):
            if key[0] == where:
                yield from _parameter_problems(sent, before.get(key), after.get(key), schemas, later)
    yield from _body_problems(call, old, new, schemas, later)


def _by_key(parameters: Iterable[Parameter]) -> dict[tuple[str, str], Parameter]:
    return {each.key: each for each in parameters}


def _path_problems(path: str, old: Operation, new: Operation, schemas: Schemas, later: Schemas) -> Iterator[Problem]:
    """Compare the parameters of the path. A name of one is of no importance, so they are compared by their order."""
    values = new.path.values(path) or ()
    pairs = zip(old.path_parameters(), new.path_parameters(), strict=False)
    if len(old.path.names) != len(new.path.names):
        return
    for index, (one, other) in enumerate(pairs):
        value: Json = values[index] if index < len(values) else None
        shape: Json = None if value is None else ["=", value]
        subject = f"path parameter {one.name}"
        yield from _value_problems(subject, shape, Side(one.schema, schemas), Side(other.schema, later), as_text=True)


def _sent(call: Call, where: str) -> Mapping[str, Json] | None:
    """Return the shapes of the parameters that a call sends, or None if that cannot be told."""
    if where == "query":
        return call.query if isinstance(call.query, Mapping) else None
    if where == "header":
        return None if call.headers is None else dict.fromkeys(call.headers)
    return {}


def _parameter_problems(
    sent: Mapping[str, Json] | None, old: Parameter | None, new: Parameter | None, schemas: Schemas, later: Schemas
) -> Iterator[Problem]:
    parameter = new or old
    assert parameter is not None
    subject = f"{parameter.where} parameter {parameter.name}"
    is_sent = sent is not None and parameter.name in sent
    is_told = sent is not None and (is_sent or MORE not in sent)
    if new is None:
        if is_sent or not is_told:
            yield Problem(f"{subject} is no longer read", is_told)
        return
    if new.is_required and (old is None or not old.is_required) and not is_sent:
        yield Problem(f"{subject} is required now", is_told)
        return
    if old is None:
        return
    one, other = Side(old.schema, schemas), Side(new.schema, later)
    if is_sent and sent is not None:
        yield from _value_problems(subject, sent[parameter.name], one, other, as_text=True)
    elif not is_told:
        for difference in differences(one, other):
            yield Problem(sent_problem(subject, difference), old.is_required)
    if not is_sent:
        yield from _default_problems(subject, one, other, is_told)


def _default_problems(subject: str, old: Side, new: Side, is_told: bool) -> Iterator[Problem]:
    """Compare the values that stand for one that is not sent."""
    before, after = old.schema.get("default"), new.schema.get("default")
    if before is not None and after is not None and before != after:
        yield Problem(f"{subject} is {shown(after)} instead of {shown(before)} where it is left out", is_told)


def _body_problems(call: Call, old: Operation, new: Operation, schemas: Schemas, later: Schemas) -> Iterator[Problem]:
    if call.sends_other:
        yield from _other_body_problems(old, new, schemas, later)
    elif not call.sends_json:
        if new.needs_body and not old.needs_body:
            yield Problem("a body is required now")
    elif old.body is not None and JSON in old.body:
        if new.body is None:
            yield Problem("the body is no longer read")
        elif JSON not in new.body:
            yield Problem("a body in JSON is no longer taken")
        else:
            one, other = Side(old.body[JSON], schemas), Side(new.body[JSON], later)
            yield from _value_problems("body", call.body, one, other)


def _other_body_problems(old: Operation, new: Operation, schemas: Schemas, later: Schemas) -> Iterator[Problem]:
    before, after = old.body or {}, new.body or {}
    for media in before.keys() - after.keys():
        yield Problem(f"a body of the type {media} is no longer taken", is_certain=False)
    for media in before.keys() & after.keys():
        for difference in differences(Side(before[media], schemas), Side(after[media], later)):
            yield Problem(sent_problem("body", difference), is_certain=False)
    if new.needs_body and not before:
        yield Problem("a body is required now", is_certain=False)


def _value_problems(
    subject: str, shape: Json, old: Side, new: Side, path: Path = (), *, as_text: bool = False
) -> Iterator[Problem]:
    """Yield why a value of this shape was taken before and may not be taken now. as_text: it is sent as text."""
    name = subject_of(subject, path) if path else subject
    if isinstance(shape, Mapping):
        yield from _object_problems(subject, shape, old, new, path)
    elif isinstance(shape, Sequence) and not isinstance(shape, str) and len(shape) == 1:
        lists = [[each for each in side.alternatives if each.kind == "array"] for side in (old, new)]
        if lists[0] and not lists[1] and all(each.kind is not None for each in new.alternatives):
            yield Problem(sent_problem(name, differences(lists[0][0], new)[0]))
        elif lists[0] and lists[1]:
            yield from _value_problems(subject, shape[0], lists[0][0].items, lists[1][0].items, (*path, EACH))
    elif isinstance(shape, Sequence) and not isinstance(shape, str) and len(shape) == 2:
        if _takes(old, shape[1], as_text=as_text) and not _takes(new, shape[1], as_text=as_text):
            yield Problem(f"{name} no longer takes {shown(shape[1])}")
    else:
        yield from _unknown_problems(subject, old, new, path)


def _unknown_problems(subject: str, old: Side, new: Side, path: Path) -> Iterator[Problem]:
    """Compare a value that is not known. Whether it has an optional property cannot be told."""
    for difference in differences(old, new):
        nested = difference.path
        is_certain = not nested or (difference.rule != "missing" and _is_always_there(old, nested))
        yield Problem(sent_problem(subject, moved(difference, path)), is_certain)


def _is_always_there(side: Side, path: Path) -> bool:
    """Return whether every value has this part."""
    here = side
    for name in path:
        lists = [each for each in here.alternatives if each.kind == "array"]
        if name == EACH and lists:
            here = lists[0].items
            continue
        objects = [each for each in here.alternatives if each.kind == "object"]
        if len(here.alternatives) != 1 or not objects or name not in objects[0].required:
            return False
        below = objects[0].part(name)
        assert below is not None or name == path[-1]
        if below is None:
            return True
        here = below
    return True


def _object_problems(subject: str, shape: Mapping[str, Json], old: Side, new: Side, path: Path) -> Iterator[Problem]:
    before = [each for each in old.alternatives if each.kind == "object"]
    after = [each for each in new.alternatives if each.kind == "object"]
    if not before or any(each.kind is None for each in new.alternatives):
        return
    if not after:
        yield Problem(sent_problem(subject_of(subject, path), differences(before[0], new)[0]))
        return
    # Of several alternatives, the caller sends the one that it fits best, and the callee takes it as that one.
    ways = [
        min((list(_one_way(subject, shape, one, other, path)) for other in after), key=len)
        for one in before
        if MORE in shape or not set(one.required) - shape.keys()
    ]
    yield from min(ways, key=len, default=[])


def _one_way(subject: str, shape: Mapping[str, Json], old: Side, new: Side, path: Path) -> Iterator[Problem]:
    is_told = MORE not in shape
    for name in new.required:
        if name not in shape and name not in old.required:
            yield Problem(f"{subject_of(subject, (*path, name))} is required now", is_told)
    for name, part in shape.items():
        one, other = old.part(name), new.part(name)
        if name == MORE or one is None:
            if name != MORE and other is None and new.others is None and old.others is not None:
                yield Problem(f"{subject_of(subject, (*path, name))} is no longer taken")
            continue
        if other is not None:
            yield from _value_problems(subject, part, one, other, (*path, name))
        elif new.others is None:
            yield Problem(f"{subject_of(subject, (*path, name))} is no longer taken")
        elif "additionalProperties" in new.schema:
            yield from _value_problems(subject, part, one, new.others, (*path, name))
        else:
            yield Problem(f"{subject_of(subject, (*path, name))} is no longer read")
    for name in old.names:
        one, other = old.part(name), new.part(name)
        if name in shape or one is None or other is None or name in new.required:
            continue
        if not is_told:
            for difference in differences(one, other):
                yield Problem(sent_problem(subject, moved(difference, (*path, name))), is_certain=False)
        yield from _default_problems(subject_of(subject, (*path, name)), one, other, is_told)


def _takes(side: Side, value: Json, *, as_text: bool) -> bool:
    """Return whether a value is taken. A number in a path or a query is text."""
    if side.takes(value):
        return True
    if not as_text or isinstance(value, bool):
        return as_text and side.takes(str(value).lower())
    if isinstance(value, (int, float)):
        return side.takes(str(value))
    if isinstance(value, str):
        if value.lower() in ("true", "false", "1", "0", "on", "off", "yes", "no") and side.takes(True):
            return True
        try:
            return side.takes(float(value))
        except ValueError:
            return False
    return False
