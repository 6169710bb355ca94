"""Compares the API of a callee before and after, for the operations that one caller uses. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from pulumi_flyte_review.contracts.api import Api, Operation
from pulumi_flyte_review.contracts.problems import Problem
from pulumi_flyte_review.contracts.receiving import response_problems
from pulumi_flyte_review.contracts.schemas import changed_schemas, references
from pulumi_flyte_review.contracts.sending import request_problems
from pulumi_flyte_review.contracts.templates import meant
from pulumi_flyte_review.contracts.usage import Call


@dataclass(frozen=True, slots=True)
class CallProblem:
    """A problem of one call. operation: as the callee's API had it, or as the code has it."""

    call: Call
    operation: str
    problem: Problem


@dataclass(frozen=True)
class Apis:
    """The API of an app before and after. The problems of a call are worked out when they are asked for."""

    old: Api
    new: Api
    by_method: tuple[dict[str, list[Operation]], dict[str, list[Operation]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.old.schemas == self.new.schemas and self.old.schemas is not self.new.schemas:
            object.__setattr__(self, "new", Api(self.new.operations, self.old.schemas))
        object.__setattr__(self, "by_method", (_by_method(self.old), _by_method(self.new)))

    @cached_property
    def _changed(self) -> frozenset[str]:
        """The names of the schemas that change, or that contain one that does."""
        return changed_schemas(self.old.schemas, self.new.schemas)

    @property
    def is_same(self) -> bool:
        """Return whether nothing changes."""
        return self.old == self.new

    def problems(self, call: Call) -> Iterator[CallProblem]:
        """Yield the problems of a call whose path the code spells."""
        assert call.path is not None
        if call.method is None:
            return
        old_ones, new_ones = (each.get(call.method, []) for each in self.by_method)
        old = meant(call.path, old_ones)
        if old is None:
            yield from self._possible_problems(call, old_ones)
            return
        new = meant(call.path, new_ones)
        if new is None:
            yield CallProblem(call, str(old), Problem(self._absence(call.path, old)))
        elif new != old or self._changed & schema_names(old):
            yield from (CallProblem(call, str(old), each) for each in self._between(call, call.path, old, new))

    def _between(self, call: Call, path: str, old: Operation, new: Operation) -> list[Problem]:
        sides = self.old.schemas, self.new.schemas
        problems = [*request_problems(call, path, old, new, *sides), *response_problems(call, old, new, *sides)]
        # A problem that is certain is not said a second time.
        certain = {each.text for each in problems if each.is_certain}
        unique = dict.fromkeys(each for each in problems if each.is_certain or each.text not in certain)
        return list(unique)

    def _absence(self, path: str, old: Operation) -> str:
        """Return the sentence for an operation that is gone."""
        methods = sorted(method for method, operations in self.by_method[1].items() if meant(path, operations))
        if methods:
            return f"the path no longer takes {old.method}, only {', '.join(methods)}"
        return "the operation is gone"

    def _possible_problems(self, call: Call, operations: list[Operation]) -> Iterator[CallProblem]:
        """Yield the problems of the operations that a call may use, which depend on what is not known of its path."""
        path = str(call.path)
        for old in operations:
            if not old.path.may_be(path):
                continue
            filled = old.path.text
            new = next((each for each in self.by_method[1].get(old.method, ()) if each.path == old.path), None)
            if new is None:
                yield CallProblem(call, str(old), Problem(self._absence(filled, old), is_certain=False))
                continue
            for each in self._between(call, filled, old, new):
                yield CallProblem(call, str(old), Problem(each.text, is_certain=False))


def schema_names(operation: Operation) -> frozenset[str]:
    """Return the names of the schemas that an operation refers to itself."""
    contents = [operation.body or {}, *operation.responses.values()]
    schemas = [schema for content in contents for schema in content.values()]
    schemas += [parameter.schema for parameter in operation.parameters]
    return frozenset(name for schema in schemas for name in references(schema))


def _by_method(api: Api) -> dict[str, list[Operation]]:
    methods: dict[str, list[Operation]] = {}
    for operation in api.operations:
        methods.setdefault(operation.method, []).append(operation)
    return methods
