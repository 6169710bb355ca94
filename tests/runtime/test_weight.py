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


def requirements(found: Distribution, extras: frozenset[str] = frozenset()) -> list[Requirement]:
    """Those that apply here, with these extras."""
    wanted = [Requirement(text) for text in found.requires or []]
    chosen = [{"extra": extra} for extra in ("", *extras)]
    return [one for one in wanted if one.marker is None or any(one.marker.evaluate(extra) for extra in chosen)]


def closure() -> dict[str, Distribution]:
    """All distributions that flyte-runtime brings, itself not among them."""
    found: dict[str, Distribution] = {}
    left = requirements(distribution("flyte-runtime"))
    while left:
        requirement = left.pop()
        name = canonicalize_name(requirement.name)
        if name not in found:
            found[name] = distribution(requirement.name)
            left += requirements(found[name], frozenset(requirement.extras))
    return found


def megabytes(files: list[Path]) -> float:
    return sum(file.stat().st_size for file in files if file.is_file() and file.suffix != ".pyc") / 1e6


def test_the_page_says_what_it_weighs() -> None:
    brought = closure()
    own = megabytes(list(Path(flyte_runtime.__file__).parent.rglob("*")))
    all_ = own + sum(megabytes([Path(str(file.locate())) for file in one.files or []]) for one in brought.values())
    text = " ".join(PAGE.read_text().split())
    said = re.search(
        r"has (\d+) direct and (\d+) dependencies in all .*?own files are ([\d.]+) MB, .*?together (\d+) MB", text
    )
    assert said is not None
    direct, count, own_said, all_said = (float(number) for number in said.groups())
    assert (direct, count) == (len(requirements(distribution("flyte-runtime"))), len(brought)), sorted(brought)
    assert own == pytest.approx(own_said, abs=0.1)
    assert all_ == pytest.approx(all_said, rel=0.2)
