"""The README's commands work in a fresh clone: `make up` starts every pattern, and `make down` leaves nothing.

Only the Go builds are shared with the checkout; the clone has its own virtual environment, Pulumi home and state.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from tests.e2e.harness import ROOT
from tests.ports import free_port
from tests.processes import belonging_to, kill, remaining

LIMIT = 600.0


@dataclass
class Clone:
    """A fresh clone of what is committed, and what its commands print."""

    folder: Path
    port: int

    def make(self, target: str, *, code: int = 0) -> str:
        return self.run("make", "-s", target, code=code)

    def run(self, *command: str, code: int = 0) -> str:
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "FLYTE_", "_U_"))
        }
        environment.pop("VIRTUAL_ENV", None)
        # A newcomer has neither our tools nor our virtual environment on PATH.
        ours = {str(ROOT / ".tools" / "bin"), str(ROOT / ".venv" / "bin")}
        path = environment["PATH"].split(os.pathsep)
        environment["PATH"] = os.pathsep.join(entry for entry in path if entry not in ours)
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",  # curl shows a WebSocket's frames as they are
            timeout=LIMIT,
            check=False,
        )
        assert done.returncode == code, f"{' '.join(command)}:\n{done.stdout}"
        return done.stdout

    def app(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/apps/quickstart/development/{name}"

    def processes(self) -> list[psutil.Process]:
        return belonging_to(self.folder)

    def remaining(self) -> list[psutil.Process]:
        return remaining(self.folder)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    folder = tmp_path_factory.mktemp("clone") / "pulumi-flyte"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    (folder / ".tools").symlink_to(ROOT / ".tools")
    clone = Clone(folder, free_port())
    # Another port than the README's, which may be in use on the machine that tests.
    clone.run("make", "-s", "tools", ".venv/.synced")
    clone.run("tools/stack", "dev")
    clone.run("tools/run", "pulumi", "config", "set", "flyte:localPort", str(clone.port), "--stack", "dev")
    yield clone
    kill(clone.processes())
    shutil.rmtree(folder, ignore_errors=True)


def true_accuracy(clone: Clone) -> float:
    """The classifier's accuracy, computed here without any Flyte."""
    code = (
        "import sys; sys.path.insert(0, 'examples/quickstart')\n"
        "import flyte_runtime as rt\n"
        "rt.app = lambda alias: None\n"
        "import tasks\n"
        "rows, held_out, labels, truth = tasks.split()\n"
        "print((tasks.fit(rows, labels, 1.0).predict(held_out) == truth).mean())"
    )
    return float(clone.run("tools/run", "python", "-c", code).splitlines()[-1])


def test_a_newcomers_first_ten_minutes(clone: Clone) -> None:
    first = clone.make("up")
    assert clone.app("gateway") in first
    shown = re.search(r"(\d+\.\d+) ?%", first)
    assert shown, first
    assert float(shown[1]) == pytest.approx(100 * true_accuracy(clone), abs=0.01)
    assert "warning" not in first.lower(), first
    lines = [line.strip() for line in first.splitlines() if "curl" in line]
    assert len(lines) >= 5, "one line for each pattern"
    for line in lines:
        answer = clone.run("bash", "-c", line)
        assert "Traceback" not in answer
        assert "Internal Server Error" not in answer
    dashboard = httpx.get(clone.app("dashboard") + "/", timeout=60, follow_redirects=True)
    assert dashboard.status_code == 200
    assert "Streamlit" in dashboard.text

    again = clone.make("up")
    assert "unchanged" in again
    assert not re.search(r"\d+ (created|updated|deleted|replaced)", again), again

    clone.run("tools/run", "flyte-local", "stop")
    restarted = clone.make("up")
    assert "will be started" in restarted
    assert httpx.get(clone.app("gateway") + "/healthz", timeout=60).status_code == 200

    clone.run("tools/run", "flyte-local", "stop")
    shutil.rmtree(clone.folder / ".state" / "flyte-local")
    refilled = clone.make("up")
    assert "reset" in refilled
    assert shown[1] in refilled, "the model was trained again"

    clone.make("down")
    assert not clone.remaining()
    assert not clone.run("git", "status", "--short"), "nothing outside the state folder"
    clone.make("down")
