"""Checks pytest's JUnit report: a tier of tests that ran nothing, or a skipped test, is a failure."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1] / "tests"
# Of hours, by `make soak` only: each has a short form in another tier.
LONG = "soak"
# On real pods, by `make test-cluster`.
CLUSTER = "kubernetes"
# Why a test did not run that a time limit came before, as tests/kubernetes/conftest.py says it.
LATE = "no time was left"


def tier_of(case: ElementTree.Element) -> str:
    """The folder below tests/: pytest writes `tests.e2e.test_up.TestUp` as the class name."""
    parts = case.get("classname", "").split(".")
    return parts[1] if len(parts) > 2 and parts[0] == "tests" else "other"


def tiers() -> set[str]:
    """Those that `make test` runs."""
    return {file.relative_to(TESTS).parts[0] for file in TESTS.glob("*/**/test_*.py")} - {LONG, CLUSTER}


def main(report: str, *names: str) -> int:
    """Judge the tiers of these names, or those of `make test`."""
    expected = set(names) or tiers()
    ran: Counter[str] = Counter()
    skipped: list[str] = []
    late: list[str] = []
    for case in ElementTree.parse(report).iter("testcase"):
        reason = case.find("skipped")
        if reason is None:
            ran[tier_of(case)] += 1
        elif LATE in str(reason.get("message")):
            late.append(f"{case.get('classname')}::{case.get('name')}")
        else:
            skipped.append(f"{case.get('classname')}::{case.get('name')}: {reason.get('message')}")
    idle = sorted(tier for tier in expected if not ran[tier])
    for tier in sorted(expected | set(ran)):
        print(f"{tier:<12} {ran[tier]:>5} ran")
    for line in late:
        print(f"not run, as {LATE}: {line}")
    for line in skipped:
        print(f"skipped: {line}")
    for tier in idle:
        print(f"tests/{tier} ran nothing")
    return 1 if skipped or idle else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
