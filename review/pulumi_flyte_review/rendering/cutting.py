"""Shorten reports to a size, by importance and with exact counts. Pure: equal input gives equal bytes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias

from pulumi_flyte_review.rendering.passage import BETWEEN, END, Passage, Rank, markdown

Passages: TypeAlias = tuple[Passage, ...]
Measure: TypeAlias = Callable[[str], int]


def cut(passages: Passages, budget: int, measure: Measure = len) -> Passages:
    """Return the passages with as many items as fit in the budget, or with the least text if nothing fits.

    Items are ordered by rank, then by their place. The result has the longest run of them that fits, so that cutting to
    100 and then to 50 gives the same as cutting to 50. Items of NEVER_CUT go only if the budget cannot hold them.
    """
    return _Lengths(passages, measure).fitting(budget)


def cut_together(sections: Mapping[str, Passages], budget: int, measure: Measure = len) -> dict[str, Passages]:
    """Return the sections of a comment, cut so that they fit together.

    Each section has the room for what is never cut, and all have the same room for the rest. Sections that are cut
    together, one after the other or all at once, come out the same.
    """
    lengths = {name: _Lengths(passages, measure) for name, passages in sections.items()}
    floors = {name: size_of(_without_the_rest(passages), measure) for name, passages in sections.items()}

    def size(room: int) -> int:
        return sum(text.size_fitting(_budget(floors[name], room)) for name, text in lengths.items())

    lowest = -max(floors.values(), default=0)
    highest = max((text.whole for text in lengths.values()), default=0)
    room = lowest + bisect_right(range(lowest + 1, highest + 1), budget, key=size)
    return {name: text.fitting(_budget(floors[name], room)) for name, text in lengths.items()}


def size_of(passages: Passages, measure: Measure = len) -> int:
    """Return the size of the passages as one text."""
    return measure(markdown(passages))


def unnamed(passages: Iterable[Passage]) -> int:
    """Return how many items that are never to be cut had to be cut."""
    return sum(passage.omitted for passage in passages if passage.rank is Rank.NEVER_CUT)


def _budget(floor: int, room: int) -> int:
    """Return a section's budget. A negative room is less than what is never cut needs: each gives up the same part."""
    return floor + room if room >= 0 else min(floor, floor + room)


def _without_the_rest(passages: Passages) -> Passages:
    return tuple(passage if passage.rank is Rank.NEVER_CUT else _shortened(passage, 0) for passage in passages)


def _shortened(passage: Passage, count: int) -> Passage:
    left_out = len(passage.items) - count
    return replace(passage, items=passage.items[:count], omitted=passage.omitted + left_out) if left_out else passage


class _Lengths:
    """A text in all the lengths that it can be cut to: with no item, the most important one, the first two, …"""

    def __init__(self, passages: Passages, measure: Measure) -> None:
        self._passages = passages
        self._order = [
            (index, count)
            for rank in Rank
            for index, passage in enumerate(passages)
            if passage.rank is rank
            for count in range(1, len(passage.items) + 1)
        ]
        sizes = self._sizes(measure)
        self.whole = sizes[-1]
        # The lengths that no longer text is as small as: the note that counts items can be larger than the items.
        self._worthwhile: list[tuple[int, int]] = []
        for length in range(len(sizes) - 1, -1, -1):
            if not self._worthwhile or sizes[length] < self._worthwhile[-1][0]:
                self._worthwhile.append((sizes[length], length))
        self._worthwhile.reverse()

    def fitting(self, budget: int) -> Passages:
        """Return the longest text of at most this size."""
        counts = dict(self._order[: self._fitting(budget)[1]])
        return tuple(_shortened(passage, counts.get(index, 0)) for index, passage in enumerate(self._passages))

    def size_fitting(self, budget: int) -> int:
        """Return the size of that text."""
        return self._fitting(budget)[0]

    def _fitting(self, budget: int) -> tuple[int, int]:
        return self._worthwhile[max(bisect_right(self._worthwhile, budget, key=lambda length: length[0]) - 1, 0)]

    def _sizes(self, measure: Measure) -> list[int]:
        passage_sizes = [_passage_sizes(passage, measure) for passage in self._passages]
        shown = [0] * len(self._passages)
        total = measure(BETWEEN) * max(len(shown) - 1, 0) + measure(END) + sum(sizes[0] for sizes in passage_sizes)
        totals = [total]
        for index, count in self._order:
            total += passage_sizes[index][count] - passage_sizes[index][shown[index]]
            shown[index] = count
            totals.append(total)
        return totals


def _passage_sizes(passage: Passage, measure: Measure) -> list[int]:
    """Return the sizes of a passage with no item, one item, two items, …"""
    sizes, items = [measure(_shortened(passage, 0).text)], 0
    for count, item in enumerate(passage.items, start=1):
        items += measure(item) + (measure(passage.glue) if count > 1 else 0)
        ends = _shortened(passage, count)
        sizes.append(measure(ends.before) + items + measure(ends.after))
    return sizes
