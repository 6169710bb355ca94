"""The order of the tests on real pods, of which CI has time for some."""

from __future__ import annotations

from tests.kubernetes.order import FIRST, in_turns

TESTS = ["a.py::1", "a.py::2", "a.py::3", "b.py::1", "c.py::1", "c.py::2", f"{FIRST[1]}::1", f"{FIRST[0]}::1"]


def ordered(turn: int = 0) -> list[str]:
    return in_turns(TESTS, lambda test: test.partition("::")[0], turn)


def test_each_file_has_a_turn_before_any_has_its_second() -> None:
    expected = [f"{FIRST[0]}::1", f"{FIRST[1]}::1", "a.py::1", "b.py::1", "c.py::1", "a.py::2", "c.py::2", "a.py::3"]
    assert ordered() == expected


def test_another_turn_begins_with_another_file_and_leaves_out_no_test() -> None:
    assert ordered(1)[2:5] == ["b.py::1", "c.py::1", "a.py::1"]
    assert ordered(3) == ordered()
    assert all(sorted(ordered(turn)) == sorted(TESTS) for turn in range(5))


def test_the_files_that_come_first_are_enough_and_may_be_missing() -> None:
    assert in_turns([f"{FIRST[0]}::1"], lambda test: test.partition("::")[0], 7) == [f"{FIRST[0]}::1"]
    assert in_turns([], str) == []
