"""`CalledEdge`: an edge from a caller to a callee, and the breaks of all edges of a stack. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pulumi_flyte_review.contracts.api import Api
from pulumi_flyte_review.contracts.calls import Apis, CallProblem
from pulumi_flyte_review.contracts.tasks import TaskInterface, start_problems
from pulumi_flyte_review.contracts.usage import Call, Place, Start
from pulumi_flyte_review.model.report import ContractBreak


@dataclass(frozen=True, slots=True)
class AppEdge:
    """An edge to an app that stays. caller, callee: such as `app frontend`.

    calls: the calls of the caller's code that go to the callee. apis: the callee's API before and after, and None if
    it had or has no document. changes: whether the callee's code changes.
    """

    caller: str
    callee: str
    calls: tuple[Call, ...]
    apis: Apis | None
    changes: bool


@dataclass(frozen=True, slots=True)
class TaskEdge:
    """An edge to a task that stays. starts: those of the caller's code that start the callee."""

    caller: str
    callee: str
    starts: tuple[Start, ...]
    old: TaskInterface
    new: TaskInterface


@dataclass(frozen=True, slots=True)
class Findings:
    """The calls that a change breaks, and sentences about what could not be told."""

    breaks: tuple[ContractBreak, ...] = ()
    unchecked: tuple[str, ...] = ()


def findings(apps: Iterable[AppEdge], tasks: Iterable[TaskEdge]) -> Findings:
    """Compare every edge."""
    breaks: set[ContractBreak] = set()
    unchecked: list[str] = []
    undocumented: dict[str, list[str]] = {}
    for edge in apps:
        if edge.apis is None and edge.changes:
            undocumented.setdefault(edge.callee, []).append(edge.caller)
        problems = _call_problems(edge)
        breaks.update(_app_breaks(edge, problems))
        unchecked += _uncompared_calls(edge, problems)
    for start_edge in tasks:
        breaks.update(_task_breaks(start_edge))
        unchecked += _uncompared_starts(start_edge)
    unchecked += [
        f"{callee} changes and has no OpenAPI document: the calls of {_some(sorted(callers))} are not compared"
        for callee, callers in undocumented.items()
    ]
    return Findings(tuple(sorted(breaks)), tuple(sorted(unchecked)))


def _call_problems(edge: AppEdge) -> list[CallProblem]:
    apis = edge.apis
    if apis is None or apis.is_same:
        return []
    return [each for call in edge.calls if call.path is not None for each in apis.problems(call)]


def _app_breaks(edge: AppEdge, problems: Iterable[CallProblem]) -> Iterator[ContractBreak]:
    for each in problems:
        if each.problem.is_certain:
            place = each.call.place
            yield ContractBreak(edge.caller, edge.callee, each.operation, each.problem.text, place.file, place.line)


def _uncompared_calls(edge: AppEdge, problems: Iterable[CallProblem]) -> Iterator[str]:
    """Yield at most one sentence for each reason why calls of an edge are not compared."""
    head = f"{edge.caller} calls {edge.callee}"
    if not edge.changes:
        return
    if edge.apis is None or edge.apis.is_same:
        return
    if not edge.calls:
        yield f"{head}, whose API changes: it is not known which operations it uses"
        return
    computed = [call.place for call in edge.calls if call.path is None or call.method is None]
    if computed:
        yield f"{head}, whose API changes: the path or method is computed at {_places(computed)}"
    possible = [each for each in problems if not each.problem.is_certain]
    if possible:
        operations = sorted({f"{each.operation}: {each.problem.text}" for each in possible})
        places = _places([each.call.place for each in possible])
        yield f"{head}, and it is not known whether this matters at {places}: {'; '.join(operations)}"


def _task_breaks(edge: TaskEdge) -> Iterator[ContractBreak]:
    for start in edge.starts:
        for problem in start_problems(start, edge.old, edge.new):
            if problem.is_certain:
                place = start.place
                yield ContractBreak(edge.caller, edge.callee, "start", problem.text, place.file, place.line)


def _uncompared_starts(edge: TaskEdge) -> Iterator[str]:
    if edge.old == edge.new:
        return
    head = f"{edge.caller} has {edge.callee}, whose interface changes"
    if not edge.starts:
        yield f"{head}: it is not known which inputs it passes"
        return
    possible = [
        (start.place, problem.text)
        for start in edge.starts
        for problem in start_problems(start, edge.old, edge.new)
        if not problem.is_certain
    ]
    if possible:
        texts = sorted({text for _, text in possible})
        yield f"{head}: the inputs are computed at {_places([place for place, _ in possible])}: {'; '.join(texts)}"


_MOST = 3


def _places(places: Iterable[Place]) -> str:
    return _some(list(dict.fromkeys(map(str, sorted(places, key=lambda place: (place.file, place.line))))))


def _some(names: list[str]) -> str:
    """Return the first names of a list, and how many more there are."""
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f" and {more} more" if more > 0 else "")


def parsed_apis(old: Api | None, new: Api | None) -> Apis | None:
    """Return both APIs, or None if one of them has no document."""
    return None if old is None or new is None else Apis(old, new)
