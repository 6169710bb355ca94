"""The order of the tests on real pods: as many files as possible have a turn before the time is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import TypeVar

T = TypeVar("T")

# They come first in every run: does the cluster work at all, and what says most about the whole. The last two take
# longest as well, and a test that begins just before the time is over goes on behind it.
FIRST = ("test_cluster.py", "test_quickstart.py", "network/test_policies.py")


def in_turns(tests: Sequence[T], file_of: Callable[[T], str], turn: int = 0) -> list[T]:
    """Return the tests so that each file has one before any has its second.

    turn: with which of the other files to begin, so that the runs of CI, which have no time for all, differ.
    """
    of_file: dict[str, list[T]] = {}
    for test in tests:
        of_file.setdefault(file_of(test), []).append(test)
    others = [file for file in of_file if file not in FIRST]
    begin = turn % len(others) if others else 0
    files = [*(file for file in FIRST if file in of_file), *others[begin:], *others[:begin]]
    return list(_rounds([of_file[file] for file in files]))


def _rounds(queues: Sequence[Sequence[T]]) -> Iterator[T]:
    nothing = object()
    for each in zip_longest(*queues, fillvalue=nothing):
        yield from (test for test in each if test is not nothing)  # type: ignore[misc]
