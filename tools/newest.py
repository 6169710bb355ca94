"""Tests this repository with the newest releases of the packages whose private names it uses: `make newest`.

It ignores our upper bounds and installs the releases into a separate environment in .state. The project's environment
and uv.lock do not change. Copy the printed table to docs/compatibility.md.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".state" / "newest"
DISTRIBUTIONS = (".", "runtime", "local")
# For each package, the tests of the code that uses its private names (`*_internals.py`).
TESTS = {
    "uvicorn": (
        "tests/runtime/serving",
        "tests/runtime/websockets",
        "tests/local/apps/test_early_answers.py",
        "tests/local/apps/test_proxy_tunnel.py",
        "tests/local/apps/test_streams.py",
        "tests/local/proxy",
    ),
    "flyte": (
        "tests/components/discovery",
        "tests/components/source",
        "tests/components/workload",
        "tests/local/tasks/test_runs.py",
        "tests/local/tasks/test_warm.py",
        "tests/local/warm",
        "tests/runtime/compat",
        "tests/runtime/tasks",
    ),
    "flyteidl2": (
        "tests/local/tasks/test_sdk_features.py",
        "tests/provider/over_grpc/test_app.py",
        "tests/provider/over_grpc/test_flyte_oss.py",
        "tests/provider/over_grpc/test_task.py",
    ),
    "pulumi": (
        "tests/components/mocks",
        "tests/provider/over_grpc/test_check.py",
        "tests/provider/plugin",
        "tests/provider/test_start.py",
        "tests/e2e/test_outputs.py",
        "tests/e2e/test_remote.py",
    ),
}


@dataclass(frozen=True)
class Outcome:
    """The result of the tests of one package. `summary` is the last line of pytest."""

    summary: str
    passed: bool


def main() -> int:
    """Install, test and print the table. Return 1 if a test fails."""
    packages = sys.argv[1:] or list(TESTS)
    install()
    outcomes = {package: run(package) for package in packages}
    print("\n".join(table(outcomes)))
    return 0 if all(outcome.passed for outcome in outcomes.values()) else 1


def install() -> None:
    """Create the environment, with our distributions from this checkout and the newest versions of all others."""
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    overrides = HOME / "overrides.txt"
    overrides.write_text("".join(f"{each}\n" for each in sorted(set(without_upper_bounds()))))
    uv("venv", "--quiet", "--python", sys.executable, str(HOME / "venv"))
    editable = [part for name in DISTRIBUTIONS for part in ("--editable", name)]
    groups = [part for name in ("dev", "examples") for part in ("--group", name)]
    uv("pip", "install", "--quiet", "--upgrade", "--override", str(overrides), *editable, *groups)


def uv(*arguments: str) -> None:
    # --no-config: the configuration of this repository pins the SDK to the version of the engine in tools/.
    variables = {**os.environ, "VIRTUAL_ENV": str(HOME / "venv")}
    subprocess.run(["uv", "--no-config", *arguments], cwd=ROOT, env=variables, check=True)


def without_upper_bounds() -> Iterator[str]:
    """Yield our requirements of these packages, with their lower bounds only."""
    for name in DISTRIBUTIONS:
        for package, bounds in re.findall(
            r'"([a-z0-9]+(?:\[\w+\])?)(>=[^"]*)"', (ROOT / name / "pyproject.toml").read_text()
        ):
            if package.partition("[")[0] in TESTS:
                yield f"{package}{bounds.partition(',')[0]}"


def run(package: str) -> Outcome:
    """Run the tests of a package, with the Python and the plugin of the separate environment."""
    variables = dict(os.environ)
    variables["VIRTUAL_ENV"] = str(HOME / "venv")
    variables["PATH"] = os.pathsep.join([str(HOME / "venv" / "bin"), variables["PATH"]])
    command = [str(HOME / "venv" / "bin" / "pytest"), "-q", "-n", "2", "-p", "no:cacheprovider", *TESTS[package]]
    print(f"{package} {versions()[package]}: {' '.join(command[1:])}", flush=True)
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(done.stdout)
    summary = (done.stdout.strip().splitlines() or ["no output"])[-1].strip("= ")
    print(f"{summary} ({time.monotonic() - began:.0f} s in all)", flush=True)
    return Outcome(re.sub(r" in [\d.]+s.*", "", summary), passed=done.returncode == 0)


def versions(environment: Path = HOME / "venv") -> dict[str, str]:
    """Return the versions of the installed packages by name."""
    command = ["uv", "--no-config", "pip", "freeze", "--python", str(environment / "bin" / "python")]
    frozen = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r"^([\w.-]+)==(.+)$", frozen, re.MULTILINE))


def table(outcomes: dict[str, Outcome]) -> Iterator[str]:
    """Yield the lines of the result as a Markdown table."""
    locked, newest = versions(ROOT / ".venv"), versions()
    yield ""
    yield "| package | locked | newest tried | outcome |"
    yield "|---|---|---|---|"
    for package, outcome in outcomes.items():
        yield f"| {package} | {locked[package]} | {newest[package]} | {outcome.summary} |"


if __name__ == "__main__":
    sys.exit(main())
