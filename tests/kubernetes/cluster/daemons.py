"""Processes that outlive the command that starts them, recorded by pid and time of birth.

The time of birth tells our process from a stranger's that got its pid after a crash or a reboot.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.kubernetes.cluster.errors import ClusterError
from tests.kubernetes.cluster.home import Home

_POLL = 0.1  # seconds


@dataclass(frozen=True)
class Daemon:
    """One process of the cluster, running or not: `run/NAME.pid` and `log/NAME.log`."""

    home: Home
    name: str

    @property
    def record(self) -> Path:
        """The file with its pid and its time of birth."""
        return self.home.run / f"{self.name}.pid"

    @property
    def log(self) -> Path:
        """The path of the daemon's log."""
        return self.home.log / f"{self.name}.log"

    def start(self, command: Sequence[str]) -> None:
        """Start the process in a session of its own; it survives an interrupt of the terminal."""
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=self.home.folder,
                env=self.home.daemon_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.record.write_text(f"{process.pid} {birth_of(process.pid)}\n")

    @property
    def pid(self) -> int | None:
        """The pid while the process runs."""
        try:
            pid, birth = self.record.read_text().split()
        except (OSError, ValueError):
            return None
        return int(pid) if birth_of(int(pid)) == birth else None

    @property
    def runs(self) -> bool:
        """True while the process runs."""
        return self.pid is not None

    def end(self, patience: float = 5.0, number: signal.Signals = signal.SIGTERM) -> None:
        """End the process, by force after `patience` seconds, and forget it."""
        end_all([self], patience, number)

    def last_lines(self, count: int = 5) -> str:
        """Return the end of its log, for a message."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])
        except OSError:
            return "(no log)"


def end_all(daemons: Sequence[Daemon], patience: float = 5.0, number: signal.Signals = signal.SIGTERM) -> None:
    """End several processes at once, by force after `patience` seconds, and forget them."""
    for daemon in daemons:
        _signal(daemon, number)
    deadline = time.monotonic() + patience
    while any(daemon.runs for daemon in daemons) and time.monotonic() < deadline:
        time.sleep(_POLL)
    for daemon in daemons:
        _signal(daemon, signal.SIGKILL)
    for daemon in daemons:
        while daemon.runs:
            time.sleep(_POLL)
        daemon.record.unlink(missing_ok=True)


def _signal(daemon: Daemon, number: signal.Signals) -> None:
    pid = daemon.pid
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def birth_of(pid: int) -> str | None:
    """Return when a running process began, in the kernel's ticks; None for one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None
    state, start_time = fields[0], fields[19]  # proc(5): fields 3 and 22
    return None if state == "Z" else start_time


def recorded(home: Home) -> list[Daemon]:
    """Return every process that was started and not ended by us."""
    return [Daemon(home, record.stem) for record in sorted(home.run.glob("*.pid"))]


def wait_until(condition: Callable[[], bool], seconds: float, subject: str, daemon: Daemon | None = None) -> None:
    """Wait for a condition. The error has the log's end of the process that was to bring it about."""
    deadline = time.monotonic() + seconds
    while not condition():
        ended = daemon is not None and not daemon.runs
        if ended or time.monotonic() > deadline:
            reason = "ended" if ended else f"is not ready after {seconds:.0f} s"
            log = "" if daemon is None else f"; the end of {daemon.log}:\n{daemon.last_lines()}"
            raise ClusterError(f"{subject} {reason}{log}")
        time.sleep(_POLL)
