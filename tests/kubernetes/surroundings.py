"""The differences between machines and people that preview one program."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.harness import ROOT, TOOLS_BIN, VENV_BIN
from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.cluster.daemons import Daemon

VARIABLES: Mapping[str, tuple[str, ...]] = {
    "LC_ALL": ("C", "C.UTF-8", "POSIX"),
    "LANG": ("C", "de_DE.UTF-8", "tr_TR.UTF-8"),
    "TZ": ("UTC", "Asia/Kathmandu", "America/St_Johns"),
    "USER": ("ada", "root", "bob smith"),
    "PYTHONHASHSEED": ("0", "1", "random"),
    "PYTHONDONTWRITEBYTECODE": ("", "1"),
}
_UMASKS = ("022", "077", "002", "000")
# Of a user who owns nothing: `nobody`.
_NOBODY = 65534


@dataclass(frozen=True)
class Interpreter:
    """A Python with the locked packages in an environment of its own. is_public: users other than root can run it."""

    programs: Path
    version: str = "this one"
    is_public: bool = False


@dataclass(frozen=True)
class Surroundings:
    """The machine and the user of a preview."""

    folder: str = "program"
    variables: Mapping[str, str] = field(default_factory=dict)
    umask: str = "022"
    user: int = 0
    python: Interpreter = Interpreter(VENV_BIN)

    @classmethod
    def drawn(cls, chance: random.Random, number: int, pythons: Sequence[Interpreter]) -> Surroundings:
        """Draw them. Each Python has its turn, and every second time with one that others can run is another user's."""
        python = pythons[number % len(pythons)]
        return cls(
            folder=f"checkout of {number}",
            variables={name: chance.choice(values) for name, values in VARIABLES.items()},
            umask=chance.choice(_UMASKS),
            user=_NOBODY if python.is_public and number // len(pythons) % 2 == 0 else 0,
            python=python,
        )

    def command(self, command: Sequence[str]) -> list[str]:
        """Return a command line as it is run here."""
        user = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"] if self.user else []
        return ["sh", "-c", 'umask "$0" && exec "$@"', self.umask, *user, *command]

    def give(self, folder: Path) -> None:
        """Make everything below a folder the user's."""
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.user, self.user, follow_symlinks=False)


def other_pythons(cluster: Cluster, folder: Path) -> list[Interpreter]:
    """Make an environment for each other Python of this machine. A minute each, where uv has to fetch packages."""
    return [_interpreter(cluster, python, folder / version) for version, python in _installed().items()]


def _installed() -> dict[str, Path]:
    """Return the Pythons from 3.10 on, by version, without that of this process."""
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = [Path("/usr/bin/python3"), *sorted(home.glob("versions/3.1?.*/bin/python"))]
    versions: dict[str, Path] = {}
    script = "import platform, ssl, sqlite3, venv; print(platform.python_version())"
    for python in candidates:
        done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            versions.setdefault(done.stdout.strip(), python)
    versions.pop(sys.version.split()[0], None)
    return versions


def _interpreter(cluster: Cluster, python: Path, folder: Path) -> Interpreter:
    uv = shutil.which("uv", path=os.pathsep.join([str(TOOLS_BIN), os.environ["PATH"]]))
    assert uv, "there is no uv: run `tools/build --uv`"
    # The builder's network is the machine's own, which leads to a package index.
    outside = ["nsenter", f"--net=/proc/{Daemon(cluster.home, 'buildkitd').pid}/ns/net"]
    packages = ["--frozen", "--quiet", "--all-packages", "--all-extras", "--no-default-groups"]
    packages.append("--compile-bytecode")  # which another user could not write beside the code
    variables = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(folder), "VIRTUAL_ENV": str(folder)}
    for command in (["sync", *packages, "--python", str(python)], ["pip", "install", "--quiet", "pip"]):
        subprocess.run([*outside, uv, *command], cwd=ROOT, env=variables, check=True)
    return Interpreter(folder / "bin", folder.name, is_public=python.is_relative_to("/usr"))
