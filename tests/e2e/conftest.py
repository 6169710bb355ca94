"""Fixtures of the tests on the real engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.harness import Stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.e2e)
            # Whole stories of a stack: minutes, on a machine that also does something else.
            item.add_marker(pytest.mark.timeout(1200))


@pytest.fixture
def make_stack(tmp_path: Path) -> Iterator[Callable[..., Stack]]:
    """Makes stacks; what they left running is ended after the test."""
    made: list[Stack] = []

    def make(**settings: object) -> Stack:
        stack = Stack(tmp_path / f"stack{len(made)}", **settings)  # type: ignore[arg-type]
        made.append(stack)
        return stack

    yield make
    for stack in made:
        stack.close()


@pytest.fixture
def stack(make_stack: Callable[..., Stack]) -> Stack:
    """One stack, not yet initialised."""
    return make_stack()
