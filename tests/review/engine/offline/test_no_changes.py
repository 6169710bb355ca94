"""An unchanged program changes nothing, wherever and by whomever it is run."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pulumi_flyte.source import staging

from tests.review.generated.programs import Program, generated
from tests.review.generated.runs import request_in, write

ROOT = Path(__file__).resolve().parents[4]
PACKAGES = [path for path in sys.path if path.endswith("site-packages")]
OURS = [str(ROOT / name) for name in ("components", "provider", "review", "runtime", "local")]
ZONES = ("UTC", "Asia/Tokyo", "America/St_Johns", "Pacific/Apia")
LOCALES = ("C", "C.UTF-8", "POSIX", "tr_TR.UTF-8")
UMASKS = (0o022, 0o077, 0o002)
FOLDERS = ("program", "a folder with blanks", "ümläut/日本", "deep/er/and/deep/er/still")


@dataclass(frozen=True)
class Machine:
    """A machine on which a program runs, and its user."""

    folder: str
    python: str
    zone: str
    locale: str
    umask: int
    age: int
    user: str | None
    reverses_packages: bool

    @classmethod
    def any(cls, chance: random.Random) -> Machine:
        """Return a machine."""
        python = chance.choice(pythons())
        users = [None, *(["nobody"] if can_change_user() and is_for_everybody(python) else [])]
        return cls(
            folder=chance.choice(FOLDERS),
            python=python,
            zone=chance.choice(ZONES),
            locale=chance.choice(LOCALES),
            umask=chance.choice(UMASKS),
            age=chance.randrange(10**9),
            user=chance.choice(users),
            reverses_packages=chance.random() < 0.5,
        )


def pythons() -> list[str]:
    """Return this Python, and others of its minor version that the machine has."""
    minor = f"python{sys.version_info.major}.{sys.version_info.minor}"
    others = [path for path in (f"/usr/bin/{minor}", f"/usr/local/bin/{minor}") if os.path.exists(path)]
    return [sys.executable, *others]


def can_change_user() -> bool:
    return os.geteuid() == 0 and shutil.which("setpriv") is not None


def as_user(user: str | None) -> list[str]:
    """Return the command by which another user runs a program.

    The checkout may lie in a folder that its owner alone may enter, so the other user may read every file, as root may.
    """
    if user is None:
        return []
    reads = "+dac_read_search"
    return ["setpriv", "--reuid", user, "--clear-groups", "--inh-caps", reads, "--ambient-caps", reads]


def is_for_everybody(python: str) -> bool:
    return os.path.realpath(python).startswith("/usr/")


def answer(program: Program, machine: Machine, place: Path, former: Any) -> Mapping[str, Any]:
    """Run a program on a machine, in a process of its own and with an empty cache."""
    folder = place / machine.folder
    write(program, folder)
    for path in folder.iterdir():
        os.utime(path, (machine.age, machine.age))
    home = place / "home"
    home.mkdir()
    paths = [*OURS, *PACKAGES]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TZ": machine.zone,
        "LC_ALL": machine.locale,
        "PYTHONPATH": os.pathsep.join(reversed(paths) if machine.reverses_packages else paths),
        "PYTHONDONTWRITEBYTECODE": "1",
        staging.CACHE_VARIABLE: str(home / "cache"),
    }
    if machine.user is not None:
        for path in (place, *place.rglob("*")):
            shutil.chown(path, machine.user)
    done = subprocess.run(
        [*as_user(machine.user), machine.python, "-m", "pulumi_flyte_review.engine.offline.program"],
        cwd=folder,
        env=environment,
        input=json.dumps(request_in(folder, former)),
        capture_output=True,
        text=True,
        umask=machine.umask,
        check=False,
    )
    assert done.returncode == 0, f"{machine}: {done.stderr}"
    result: Mapping[str, Any] = json.loads(done.stdout)
    assert result["failure"] is None, f"{machine}: {result}"
    return result


def compare(place: Path, seed: int, count: int) -> set[Machine]:
    """Declare a program on one machine, and update it on others."""
    chance = random.Random(seed)
    program = generated(chance)
    declared = answer(program, Machine.any(chance), new(place, "first"), None)["declared"]
    machines = {Machine.any(chance) for _ in range(count)}
    for number, machine in enumerate(sorted(machines, key=str)):
        steps = answer(program, machine, new(place, str(number)), declared)["steps"]
        changes = [(step["operation"], step["urn"]) for step in steps if step["operation"] != "same"]
        assert not changes, f"{machine}: {changes}"
        shutil.rmtree(place / str(number))
    return machines


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user can get at, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="pulumi-flyte-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def new(place: Path, name: str) -> Path:
    (place / name).mkdir(mode=0o755)
    return place / name


def test_another_machine_changes_nothing(place: Path) -> None:
    compare(place, seed=0, count=3)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_200_other_machines_change_nothing(place: Path) -> None:
    machines = compare(place, seed=1, count=200)
    print(len(machines), "machines,", len({each.python for each in machines}), "Pythons")
