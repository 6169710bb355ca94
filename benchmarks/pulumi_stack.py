"""A Pulumi stack for one benchmark, with its own folder, PULUMI_HOME and backend."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.metric import Skip

ROOT = Path(__file__).resolve().parent.parent


class PulumiStack:
    """The stack `dev` of a program. Its folder is removed when the process ends.

    programs: folders with further programs and plugins.
    variables: more environment variables.
    project: more lines of Pulumi.yaml.

    Raises Skip if there is no `pulumi`.
    """

    def __init__(
        self,
        source: str,
        *,
        programs: Sequence[Path] = (),
        variables: Mapping[str, str] | None = None,
        project: str = "",
    ) -> None:
        places = [ROOT / ".tools/bin", Path(sys.executable).parent, *programs]
        self.path = os.pathsep.join([*map(str, places), os.environ["PATH"]])
        self.require("pulumi", "make tools")
        self.folder = Path(tempfile.mkdtemp(prefix="bench-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        (self.folder / "backend").mkdir()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "FLYTE_"))}
        self.environment = {
            **inherited,
            "PATH": self.path,
            "PULUMI_HOME": str(self.folder / "pulumi"),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "FLYTE_CACHE_DIR": str(self.folder / "cache"),
            **(variables or {}),
        }
        (self.folder / "Pulumi.yaml").write_text(f"name: shop\nruntime: python\n{project}")
        (self.folder / "__main__.py").write_text(source)
        self.pulumi("stack", "init", "dev")

    def require(self, program: str, command: str) -> None:
        """Raise Skip, with the command that provides it, if a program is not on PATH."""
        if not shutil.which(program, path=self.path):
            raise Skip(f"there is no {program}: run `{command}`")

    def configure(self, **settings: str) -> None:
        """Set the stack configuration `flyte:…`."""
        for key, value in settings.items():
            self.pulumi("config", "set", f"flyte:{key}", value, "--stack", "dev")

    def pulumi(self, *arguments: str) -> str:
        """Run a command of Pulumi and return its output."""
        return self.run("pulumi", *arguments, "--non-interactive", "--color", "never")

    def run(self, *command: str) -> str:
        """Run a command in the folder and return its output. Raises RuntimeError with the output if it fails."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
        return done.stdout
