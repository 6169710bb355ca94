"""The claims of docs/runtime.md about the library's size and dependencies."""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

import flyte_runtime
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PAGE = Path(__file__).parents[2] / "docs" / "runtime.md"
pytestmark = pytest.mark.skipif(
    sys.version_info[:2] != (3, 11) or sys.platform != "linux",
    reason="the page has the figures of CPython 3.11 on Linux",
)


def requirements(package: Distribution, extras: frozenset[str] = frozenset()) -> list[Requirement]:
    """Return the requirements of a package that apply on this machine, with these extras."""
    every = [Requirement(text) for text in package.requires or []]
    chosen = [{"extra": extra} for extra in ("", *extras)]
    return [one for one in every if one.marker is None or any(one.marker.evaluate(extra) for extra in chosen)]


def closure() -> dict[str, Distribution]:
    """Return all distributions that flyte-runtime requires, directly or not."""
    required: dict[str, Distribution] = {}
    left = requirements(distribution("flyte-runtime"))
    while left:
        requirement = left.pop()
        name = canonicalize_name(requirement.name)
        if name not in required:
            required[name] = distribution(requirement.name)
            left += requirements(required[name], frozenset(requirement.extras))
    return required


def megabytes(files: list[Path]) -> float:
    return sum(file.stat().st_size for file in files if file.is_file() and file.suffix != ".pyc") / 1e6


def test_the_page_says_what_it_weighs() -> None:
    required = closure()
    runtime = megabytes(list(Path(flyte_runtime.__file__).parent.rglob("*")))
    others = sum(megabytes([Path(str(file.locate())) for file in one.files or []]) for one in required.values())
    text = " ".join(PAGE.read_text().split())
    stated = re.search(
        r"has (\d+) direct and (\d+) dependencies in all .*?own files are ([\d.]+) MB, .*?together (\d+) MB", text
    )
    assert stated is not None
    direct, count, stated_runtime, stated_total = (float(number) for number in stated.groups())
    assert (direct, count) == (len(requirements(distribution("flyte-runtime"))), len(required)), sorted(required)
    assert runtime == pytest.approx(stated_runtime, abs=0.1)
    assert runtime + others == pytest.approx(stated_total, rel=0.2)
