"""The comparison of two JSON schemas: the places where one allows a value that the other refuses.

A union is compared alternative by alternative.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pulumi_flyte_review.contracts.json_types import is_kind, schemas_in
from pulumi_flyte_review.contracts.limits import Difference, Path, limits
from pulumi_flyte_review.contracts.schemas import Side

EACH = "[]"
ENTRY = "*"


def moved(difference: Difference, path: Path) -> Difference:
    """Return a difference as one of a larger value that has this one at a path."""
    return replace(difference, path=(*path, *difference.path))


def differences(wide: Side, narrow: Side) -> list[Difference]:
    """Return the places where a value of `wide` is not valid under `narrow`. The list is empty if all values are."""
    return list(dict.fromkeys(_Comparison().compare(wide, narrow)))


class _Comparison:
    """A comparison of two schemas, which compares each pair of parts once: schemas may contain themselves."""

    def __init__(self) -> None:
        self._results: dict[tuple[int, int], list[Difference]] = {}

    def compare(self, wide: Side, narrow: Side) -> list[Difference]:
        """Return the differences, with paths that begin here."""
        if wide.schema == narrow.schema and wide.schemas is narrow.schemas:
            return []
        problems: list[Difference] = []
        for one in wide.alternatives:
            candidates = [each for each in narrow.alternatives if each.kind is None or is_kind(one.kind, each.kind)]
            if candidates:
                results = [self._alternative(one, candidate) for candidate in candidates]
                problems += sorted(results, key=len)[0]
            else:
                problems.append(Difference((), "type", one.kind or "anything", tuple(narrow.kinds)))
        return problems

    def _alternative(self, wide: Side, narrow: Side) -> list[Difference]:
        if narrow.kind is None:
            return []
        key = (id(wide.schema), id(narrow.schema))
        if key not in self._results:
            self._results[key] = []
            self._results[key] = self._same_type(wide, narrow)
        return self._results[key]

    def _same_type(self, wide: Side, narrow: Side) -> list[Difference]:
        problems = limits(wide.schema, narrow.schema)
        if narrow.kind == "array":
            problems += self._below(EACH, wide.items, narrow.items)
            for index, (one, other) in enumerate(_prefixes(wide, narrow)):
                problems += self._below(f"[{index}]", one, other)
        if narrow.kind == "object":
            problems += self._objects(wide, narrow)
        return problems

    def _objects(self, wide: Side, narrow: Side) -> list[Difference]:
        problems: list[Difference] = []
        for name in narrow.required:
            if name not in wide.required:
                rule = "required" if wide.part(name) is not None else "missing"
                problems.append(Difference((name,), rule))
        for name in wide.names:
            one, other = wide.part(name), narrow.part(name)
            assert one is not None
            if other is not None:
                problems += self._below(name, one, other)
            elif narrow.others is None:
                problems.append(Difference((name,), "closed"))
            else:
                problems += self._below(name, one, narrow.others)
        if wide.others is not None and "additionalProperties" in wide.schema and narrow.others is not None:
            problems += self._below(ENTRY, wide.others, narrow.others)
        return problems

    def _below(self, name: str, wide: Side, narrow: Side) -> list[Difference]:
        return [moved(each, (name,)) for each in self.compare(wide, narrow)]


def _prefixes(wide: Side, narrow: Side) -> Iterator[tuple[Side, Side]]:
    ones, others = (schemas_in(side.schema.get("prefixItems")) for side in (wide, narrow))
    for one, other in zip(ones, others, strict=False):
        yield Side(one, wide.schemas), Side(other, narrow.schemas)
