"""`Toleration`: a taint of nodes that pods may run on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal, TypeAlias, TypedDict

from pulumi_flyte.arguments.declaration import Declaration, Property, check
from pulumi_flyte.arguments.refusal import Expected, refused, rule
from pulumi_flyte.arguments.values import PlainText, Whole, between
from pulumi_flyte.naming import cluster_names
from pulumi_flyte.problems import Problem

TolerationOperator: TypeAlias = Literal["Equal", "Exists"]
TaintEffect: TypeAlias = Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]
_SECONDS = "expected a whole number of seconds of at least 0"

TaintKey = Annotated[PlainText, rule(lambda key: cluster_names.key_problem(key, "the key of a taint"))]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Toleration(Declaration):
    """A taint of nodes that pods may run on."""

    expected: ClassVar[str] = 'expected a mapping such as {"key": "nvidia.com/gpu", "operator": "Exists"}'

    key: Annotated[TaintKey | None, Property("The key of the taint; without one it is every taint.")] = None
    operator: Annotated[
        TolerationOperator | None,
        Expected("expected Equal (the value is the taint's) or Exists (any value)"),
        Property("`Exists` takes any value of the taint.", default="Equal"),
    ] = None
    value: Annotated[PlainText | None, Property("The value of the taint.")] = None
    effect: Annotated[
        TaintEffect | None,
        Expected("expected NoSchedule, PreferNoSchedule or NoExecute"),
        Property("The effect of the taint, by default all of them."),
    ] = None
    seconds: Annotated[
        Whole | None,
        Expected(_SECONDS),
        between(0, None, _SECONDS),
        Property("Seconds that pods stay on a node after it got the taint, for `NoExecute`; by default for ever."),
    ] = None

    def conflicts(self, keys: Collection[str]) -> Iterator[Problem]:
        if self.operator == "Exists" and self.value is not None:
            yield Problem("value", "Exists takes any value: leave out value=, or use Equal", self.value)
        if not {"key", "operator"} & set(keys):
            yield Problem("key", 'it names no taint: pass key=, or operator="Exists" without a key for every taint')


class TolerationDict(TypedDict, total=False):
    """`Toleration` as a mapping."""

    key: str | None
    operator: TolerationOperator | None
    value: str | None
    effect: TaintEffect | None
    seconds: int | None


def tolerations(value: object) -> object:
    """Return a list of tolerations. Raises with the problems of each."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise refused(Problem("", 'expected a list such as [{"key": "nvidia.com/gpu", "operator": "Exists"}]', value))
    declared, problems = [], list[Problem]()
    for index, item in enumerate(value):
        toleration, mistakes = check(Toleration, item)
        declared.append(toleration)
        paths = ((f"{index}.{each.path}" if each.path else str(index)) for each in mistakes)
        problems += (replace(each, path=path) for each, path in zip(mistakes, paths, strict=True))
    if problems:
        raise refused(*problems)
    return declared
