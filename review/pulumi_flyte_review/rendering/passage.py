"""`Passage`: a part of a report as Markdown that can be shortened. A report is a tuple of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, TypeAlias

# The text between two passages, and after the last one.
BETWEEN = "\n\n"
END = "\n"

Separator: TypeAlias = Literal["lines", "commas", "whole"]


class Rank(IntEnum):
    """The importance of a passage. Where there is too little room, the highest number is cut first."""

    NEVER_CUT = 0
    DANGER = 1
    CHANGE = 2
    CONSEQUENCE = 3
    DETAIL = 4
    PICTURE = 5


@dataclass(frozen=True, slots=True)
class Passage:
    """A list of items between a head and a tail, each of them whole Markdown lines.

    rank: NEVER_CUT is for counts, and for the names of what is deleted or replaced.
    noun: the plural of an item, such as `updates`, for the sentence that counts what is cut.
    items: what can be left out one by one. Separated by lines: a line that begins in the first column, and indented
    lines. By commas: part of a line, without a comma. Whole: the only item, any text.
    omitted: the number of items that have been cut.
    """

    rank: Rank
    noun: str
    head: str = ""
    items: tuple[str, ...] = ()
    tail: str = ""
    separator: Separator = "lines"
    omitted: int = 0

    @property
    def text(self) -> str:
        """The Markdown, without a line break at its end."""
        if self.omitted and not self.items:
            return omission(self.omitted, self.noun)
        return self.before + self.glue.join(self.items) + self.after

    @property
    def glue(self) -> str:
        """The text between two items."""
        return ", " if self.separator == "commas" else "\n"

    @property
    def before(self) -> str:
        """The text before the first item."""
        return f"{self.head}\n" if self.head and self.items else self.head

    @property
    def after(self) -> str:
        """The text after the last item."""
        note = f"\n\n{omission(self.omitted, self.noun)}" if self.omitted else ""
        tail = f"\n{self.tail}" if self.tail else ""
        return f"{note}\n{tail}" if note and tail else note + tail


def omission(count: int, noun: str) -> str:
    """Return the sentence that counts what is cut."""
    return f"*Not shown for lack of room: {count:,} {noun}.*"


def paragraph(rank: Rank, text: str, noun: str = "notes") -> Passage:
    """Return a passage that is shown as a whole or not at all."""
    if rank is Rank.NEVER_CUT:
        return Passage(rank, noun, head=text)
    return Passage(rank, noun, items=(text,), separator="whole")


def markdown(passages: Iterable[Passage]) -> str:
    """Return the passages as one text."""
    return BETWEEN.join(passage.text for passage in passages) + END
