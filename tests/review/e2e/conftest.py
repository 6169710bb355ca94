"""Fixtures of the tests of the review on the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.harness import Stack
from tests.review.e2e.teams import Team


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.e2e)
            # Several previews and updates, on a machine that also does something else.
            item.add_marker(pytest.mark.timeout(1800))


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """One stack, not yet initialised."""
    stack = Stack(tmp_path / "stack")
    yield stack
    stack.close()


@pytest.fixture
def teams(tmp_path: Path) -> Iterator[list[Team]]:
    """Stacks of one backend and one control plane, each of a project of its own. The test adds them."""
    made: list[Team] = []
    yield made
    for team in made:
        team.stack.close()
