"""Servers of this folder's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.local.apps.conftest import Plane, running


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """One server for a module's tests."""
    with running(tmp_path_factory.mktemp("plane")) as made:
        yield made
