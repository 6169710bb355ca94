"""A workload's memory limit: the declared one, or a share of the machine."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import psutil

OOM_KILLED = "OOMKilled"
MEMORY_VARIABLE = "FLYTE_LOCAL_MEMORY"
_UNDECLARED_SHARE = 0.5
_MOST_SHARE = 0.9
_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")
_QUANTITY = re.compile(r"(?P<number>\d+(\.\d*)?|\.\d+)(?P<unit>[eE][-+]?\d+|[numkMGTPE]|[KMGTPE]i)?")
_UNITS = {
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60,
}  # fmt: skip


@dataclass(frozen=True)
class MemoryLimit:
    """The number of bytes that a workload's processes may use together. `origin` explains the number."""

    bytes: int
    origin: str

    def exceeded(self, used: int) -> str:
        """Return the reason of a workload that was ended for using that many bytes."""
        return (
            f"{OOM_KILLED} (exit code 137): its processes used {readable(used)} of memory, more than "
            f"{readable(self.bytes)}, {self.origin}: declare more with resources, or use less"
        )


def memory_limit(declared: str, machine: int, undeclared: str = "") -> MemoryLimit:
    """Return the limit of a workload on a machine with that many bytes.

    `declared` and `undeclared` are quantities or empty.

    `undeclared` is the limit of a workload that declares none. If it is empty, that is half of the machine.
    """
    most = int(machine * _MOST_SHARE)
    requested = parse_quantity(declared)
    if requested is not None:
        if requested > most:
            return MemoryLimit(most, f"90 % of this machine's memory (it declares {declared})")
        return MemoryLimit(requested, f"its limit ({declared})")
    configured = parse_quantity(undeclared)
    if configured is not None:
        return MemoryLimit(min(configured, most), f"the limit of a workload that declares none ({MEMORY_VARIABLE})")
    origin = "half of this machine's memory, the limit of a workload that declares none"
    if undeclared.strip():
        origin += f" ({MEMORY_VARIABLE}={undeclared!r} is no amount such as 2Gi)"
    return MemoryLimit(int(machine * _UNDECLARED_SHARE), origin)


def limit_here(declared: str) -> MemoryLimit:
    """Return the limit of a workload on this machine."""
    return memory_limit(declared, machine_memory(), os.environ.get(MEMORY_VARIABLE, ""))


def machine_memory() -> int:
    """Return the bytes of memory of this machine, or of the container that this server runs in."""
    total = int(psutil.virtual_memory().total)
    try:
        return min(total, int(_CONTAINER_LIMIT.read_text()))
    except (OSError, ValueError):  # No control group here, or "max".
        return total


def parse_quantity(text: str) -> int | None:
    """Return the bytes of a Kubernetes quantity (`512Mi`, `1.5G`, `1e9`), or None for other texts and for zero."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        return None
    number, unit = match["number"], match["unit"] or ""
    value = float(number) * _UNITS[unit] if unit in _UNITS else float(number + unit)
    # A number with 400 digits is infinite as a float.
    return int(min(value, 2.0**62)) or None


def readable(size: int) -> str:
    """Return a number of bytes for people: `1.5 GiB`, `300 MiB`."""
    if size >= 2**30:
        return f"{size / 2**30:.1f} GiB"
    return f"{size / 2**20:.0f} MiB" if size >= 2**20 else f"{size} bytes"
