from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {file.relative_to(ROOT / "tests").parts[0] for file in (ROOT / "tests").glob("*/**/test_*.py")}
TIERS = sorted(FOLDERS - {"soak", "kubernetes"})


def judge(tmp_path: Path, *cases: str, names: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    report = tmp_path / "tests.xml"
    report.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
    command = [sys.executable, str(ROOT / ".ci" / "tiers.py"), str(report), *names]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def ran(tier: str) -> str:
    return f'<testcase classname="tests.{tier}.test_it" name="test_that"/>'


def test_all_tiers_running_is_fine(tmp_path: Path) -> None:
    assert judge(tmp_path, *map(ran, TIERS)).returncode == 0


def test_the_folder_that_is_left_out_holds_nothing_that_make_test_would_run() -> None:
    files = list((ROOT / "tests" / "soak").glob("test_*.py"))
    assert files
    assert [file.name for file in files if "pytestmark = [pytest.mark.soak" not in file.read_text()] == []


@pytest.mark.parametrize("tier", TIERS)
def test_a_tier_that_ran_nothing_is_a_failure(tmp_path: Path, tier: str) -> None:
    done = judge(tmp_path, *(ran(other) for other in TIERS if other != tier))
    assert done.returncode == 1
    assert f"tests/{tier} ran nothing" in done.stdout


def test_a_tier_is_judged_by_its_name_alone(tmp_path: Path) -> None:
    assert judge(tmp_path, ran("kubernetes"), names=["kubernetes"]).returncode == 0
    done = judge(tmp_path, names=["kubernetes"])
    assert done.returncode == 1
    assert "tests/kubernetes ran nothing" in done.stdout


def test_a_test_that_no_time_was_left_for_is_named(tmp_path: Path) -> None:
    late = '<testcase classname="tests.kubernetes.a" name="b"><skipped message="Skipped: no time was left"/></testcase>'
    done = judge(tmp_path, ran("kubernetes"), late, names=["kubernetes"])
    assert done.returncode == 0
    assert "not run, as no time was left: tests.kubernetes.a::b" in done.stdout


def test_a_skipped_test_is_a_failure_that_says_why(tmp_path: Path) -> None:
    skipped = '<testcase classname="tests.tools.test_it" name="test_that"><skipped message="no node"/></testcase>'
    done = judge(tmp_path, *map(ran, TIERS), skipped)
    assert done.returncode == 1
    assert "skipped: tests.tools.test_it::test_that: no node" in done.stdout
