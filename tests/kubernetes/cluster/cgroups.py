"""The cgroup that holds the cluster's pods: one folder in every hierarchy of version 1, or the one of version 2."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
# How much processor time a cgroup gets beside others, in units of the default. All pods are in one, and each session
# of the machine is in another: on a busy machine all pods would have no more than one shell.
_WEIGHT = 8
_ATTEMPTS = 10


def is_version_2() -> bool:
    """Return True if this machine has the unified hierarchy alone."""
    return (ROOT / "cgroup.controllers").exists()


def make(name: str) -> None:
    """Make the folders, with the processors and memory nodes that version 1 wants to be told."""
    if is_version_2():
        (ROOT / name).mkdir(exist_ok=True)
        for folder in (ROOT, ROOT / name):
            for controller in ("cpu", "memory", "pids", "cpuset", "io"):
                with contextlib.suppress(OSError):  # one that this machine lacks
                    (folder / "cgroup.subtree_control").write_text(f"+{controller}")
        with contextlib.suppress(OSError):
            (ROOT / name / "cpu.weight").write_text(str(100 * _WEIGHT))
        return
    for hierarchy in ROOT.iterdir():
        with contextlib.suppress(OSError):  # one that is mounted read-only is none that pods need
            (hierarchy / name).mkdir(exist_ok=True)
    for limit in ("cpuset.cpus", "cpuset.mems"):
        (ROOT / "cpuset" / name / limit).write_text((ROOT / "cpuset" / limit).read_text())
    (ROOT / "cpu" / name / "cpu.shares").write_text(str(1024 * _WEIGHT))


def folders(name: str) -> list[Path]:
    """Return the folders of this name that there are."""
    return [folder for folder in (ROOT / name, *(place / name for place in ROOT.iterdir())) if folder.is_dir()]


def processes(name: str) -> set[int]:
    """Return the pids of everything in the cgroup and below it."""
    pids: set[int] = set()
    for folder in folders(name):
        for file in folder.rglob("cgroup.procs"):
            with contextlib.suppress(OSError):
                pids |= {int(line) for line in file.read_text().split()}
    return pids


def remove(name: str) -> list[Path]:
    """Kill what is in the cgroup and remove its folders. Returns those that stay."""
    for _ in range(_ATTEMPTS):  # the kernel empties a cgroup a moment after its last process
        for pid in processes(name):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for folder in folders(name):
            for below in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
                with contextlib.suppress(OSError):
                    below.rmdir()
            with contextlib.suppress(OSError):
                folder.rmdir()
        if not folders(name):
            break
        time.sleep(0.4)
    return folders(name)
