"""A Pulumi stack of its own for a test: the real CLI, a real plugin process, a control plane on a port of its own.

Nothing is shared between tests: program folder, PULUMI_HOME, backend, local home, cache and port are the stack's.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import psutil

from tests.ports import free_port
from tests.processes import belonging_to, kill, remaining

ROOT = Path(__file__).resolve().parent.parent.parent
VENV_BIN = Path(sys.executable).parent
TOOLS_BIN = ROOT / ".tools" / "bin"
# Seconds for one call of the CLI. A machine that is busy, or compiles a program in Go for the first time, needs many.
TIME_LIMIT = 600.0


@dataclass(frozen=True)
class Outcome:
    """The output of one CLI call, and the engine's operations from its event log."""

    code: int
    text: str
    events: Sequence[Mapping[str, Any]] = ()

    @property
    def steps(self) -> dict[str, str]:
        """The operation of every step that changes something, by URN. The stack itself is left out."""
        steps = {}
        for event in self.events:
            metadata = event.get("resourcePreEvent", {}).get("metadata")
            if metadata and metadata["op"] not in ("same", "read") and "pulumi:pulumi:Stack" not in metadata["type"]:
                steps[metadata["urn"]] = metadata["op"]
        return steps

    @property
    def summary(self) -> dict[str, int]:
        """Count the resources of each operation, without unchanged resources."""
        summary = next(event["summaryEvent"] for event in self.events if "summaryEvent" in event)
        return {key: count for key, count in summary["resourceChanges"].items() if key not in ("same", "refresh")}

    @property
    def changed(self) -> set[str]:
        """`type::name` of what changes, without components (which only contain what changes) and providers."""
        return {short(urn) for urn in self.steps if is_object(urn)}

    def metadata(self, name: str) -> Mapping[str, Any]:
        """The last step of the resource `type::name`."""
        steps = [
            event["resourcePreEvent"]["metadata"]
            for event in self.events
            if "resourcePreEvent" in event and short(event["resourcePreEvent"]["metadata"]["urn"]) == name
        ]
        assert steps, f"no step for {name} in:\n{self.text}"
        return steps[-1]


def is_object(urn: str) -> bool:
    """Return True for a resource that exists on a platform, in a registry or on this machine."""
    kind = urn.split("::")[2].rpartition("$")[2]
    return ":api:" in kind or ":local:" in kind or kind.startswith(("kubernetes:", "docker-build:"))


def short(urn: str) -> str:
    """`flyte:api:App::web` of a URN."""
    _, _, types, name = urn.removeprefix("urn:pulumi:").split("::", 3)
    return f"{types.split('$')[-1]}::{name}"


@dataclass
class Stack:
    """One stack; `folder` holds its program."""

    base: Path
    port: int = field(default_factory=free_port)
    name: str = "dev"
    project: str = "shop"
    config: dict[str, str] = field(default_factory=dict)
    home: Path | None = None
    backend: Path | None = None
    time_limit: float = TIME_LIMIT
    _started: list[subprocess.Popen[Any]] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        self.folder = self.base / "program"
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.base / "backend").mkdir(exist_ok=True)
        self.log = self.base / "events.json"
        self.write({"Pulumi.yaml": f"name: {self.project}\nruntime: python\n{plugin_path()}"})

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every call."""
        inherited = {
            key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "FLYTE_", "_U_"))
        }
        return {
            **inherited,
            "PATH": os.pathsep.join([str(TOOLS_BIN), str(VENV_BIN), os.environ["PATH"]]),
            "PULUMI_HOME": str(self.base / "pulumi"),
            "PULUMI_BACKEND_URL": f"file://{self.backend or self.base / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DEBUG_COMMANDS": "true",  # where --event-log is hidden
            "FLYTE_LOCAL_HOME": str(self.home or self.base / "home"),
            "FLYTE_CACHE_DIR": str(self.base / "cache"),
        }

    def write(self, files: Mapping[str, str]) -> None:
        """Writes files of the program."""
        for path, content in files.items():
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(dedent(content))

    def move_to(self, name: str) -> None:
        """Moves the program's folder, as another checkout would have it."""
        self.folder = self.folder.rename(self.base / name)

    def init(self) -> None:
        """Makes the stack and its configuration."""
        self.pulumi("stack", "init", self.name, check=True)
        self.configure({"flyte:localPort": str(self.port), **self.config})

    def configure(self, values: Mapping[str, str], *, secret: bool = False) -> None:
        """Sets stack configuration."""
        for key, value in values.items():
            kind = ["--secret"] if secret else []
            self.pulumi("config", "set", *kind, key, value, "--stack", self.name, check=True)

    def preview(self, *arguments: str) -> Outcome:
        """A preview; its event log is read back."""
        return self._logged("preview", *arguments)

    def up(self, *arguments: str) -> Outcome:
        """An update without asking."""
        return self._logged("up", "--yes", "--skip-preview", *arguments)

    def refresh(self, *arguments: str) -> Outcome:
        """A refresh without asking."""
        return self._logged("refresh", "--yes", *arguments)

    def destroy(self, *arguments: str) -> Outcome:
        """Destroys everything without asking."""
        return self._logged("destroy", "--yes", "--skip-preview", *arguments)

    def deployed(self) -> Outcome:
        """`up` that must succeed, after a preview that must have named exactly what it changes."""
        before = self.preview()
        assert before.code == 0, before.text
        after = self.up()
        assert after.code == 0, after.text
        assert before.changed == after.changed, f"previewed {before.changed}, changed {after.changed}"
        return after

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets shown."""
        text = self.pulumi("stack", "output", "--json", "--show-secrets", check=True).text
        outputs: dict[str, Any] = json.loads(text)
        return outputs

    def export(self, *arguments: str) -> dict[str, Any]:
        """The stack's state."""
        state: dict[str, Any] = json.loads(self.pulumi("stack", "export", *arguments, check=True).text)
        return state

    def pulumi(self, *arguments: str, check: bool = False, stdin: str | None = None) -> Outcome:
        """One CLI call; standard error is part of the text unless it must be parsed."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if check else subprocess.STDOUT,
            text=True,
            timeout=self.time_limit,
            check=False,
        )
        if check:
            assert done.returncode == 0, f"pulumi {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
        return Outcome(done.returncode, done.stdout)

    def command(self, *arguments: str) -> list[str]:
        """The CLI with the options of a machine."""
        return [pulumi_program(), *arguments, "--non-interactive", "--color", "never"]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A CLI call that the test watches, in a group of its own."""
        process = subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def start_program(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A Python process that the test ends."""
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._started.append(process)
        return process

    def run(self, *command: str, check: bool = True) -> Outcome:
        """A program of the virtual environment, such as `flyte-local`, in the stack's environment."""
        done = subprocess.run(
            list(command),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=self.time_limit,
            check=False,
        )
        if check:
            assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}"
        return Outcome(done.returncode, done.stdout)

    def _logged(self, *arguments: str) -> Outcome:
        self.log.unlink(missing_ok=True)
        outcome = self.pulumi(*arguments, "--stack", self.name, "--event-log", str(self.log))
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return Outcome(outcome.code, outcome.text, [json.loads(line) for line in lines])

    def processes(self) -> list[psutil.Process]:
        """Return every running process that belongs to this stack."""
        return belonging_to(self.base)

    def remaining(self) -> list[psutil.Process]:
        """Return the processes that do not end by themselves. A signal or an exit takes a moment on a busy machine."""
        return remaining(self.base)

    def close(self) -> None:
        """End what a failed test left and remove its folder. A passed test leaves nothing to end."""
        for process in self._started:
            with process:  # closes its pipes and reaps it
                process.kill()
        kill(self.processes())
        shutil.rmtree(self.base, ignore_errors=True)


def pulumi_program() -> str:
    """The CLI: the built one, or the installed one."""
    program = shutil.which("pulumi", path=os.pathsep.join([str(TOOLS_BIN), os.environ["PATH"]]))
    assert program, "there is no pulumi: run `make tools`"
    return program


def plugin_path(programs: Path = VENV_BIN) -> str:
    """The lines of Pulumi.yaml that name the plugin's folder."""
    return f"plugins:\n  providers:\n    - name: flyte\n      path: {programs}\n"
