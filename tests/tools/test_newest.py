"""`make newest` itself: what it tests, and what it lets be newer."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def newest() -> ModuleType:
    spec = importlib.util.spec_from_file_location("flyte_newest", ROOT / "tools" / "newest.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_test_that_it_names_is_there(newest: ModuleType) -> None:
    named = [path for paths in newest.TESTS.values() for path in paths]
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_it_lets_go_of_the_upper_bounds_only(newest: ModuleType) -> None:
    requirements = set(newest.without_upper_bounds())
    assert {each.partition(">=")[0].partition("[")[0] for each in requirements} == set(newest.TESTS)
    assert not [each for each in requirements if "<" in each or "==" in each or ">=" not in each]
