"""Probes of a machine before a cluster runs on it. Each probe names what is missing and what needs it.

Run as `python3 -m tests.kubernetes.cluster.machine` by any Python, before anything is installed or built.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

from tests.kubernetes.cluster import cgroups

_PROGRAMS = {
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "mount": "util-linux",
    "ip": "iproute2",
    "go": "Go 1.26 or newer, which builds the cluster's programs",
    "apt-get": "Debian 12, from whose packages containerd, runc and etcd come",
    "dpkg": "Debian 12, from whose packages containerd, runc and etcd come",
}
_LINKS = (
    "ip link set lo up && ip link add name probe0 type bridge && ip link add name probe1 type veth peer name probe2"
)

CANNOT = 3  # the exit code that says so


def main() -> int:
    """Print what this machine lacks. Returns CANNOT where it lacks something."""
    lacking = lacks()
    if lacking:
        print("This machine cannot run the test cluster. It lacks:", *lacking, sep="\n  ", file=sys.stderr)
        return CANNOT
    return 0


def lacks() -> list[str]:
    """Return a line for each thing that this machine does not have; nothing where a cluster can run."""
    if platform.system() != "Linux":
        return [f"Linux (this is {platform.system()})"]
    if os.geteuid() != 0:
        return ["root: network namespaces, mounts and cgroups need it"]
    missing = [f"the program {name} ({origin})" for name, origin in _PROGRAMS.items() if not shutil.which(name)]
    return missing or [*_lacks_of_namespaces(), *_lacks_of_cgroups(), *_lacks_of_filesystems()]


def _lacks_of_namespaces() -> Iterator[str]:
    command = ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-ec"]
    for script, subject in ((":", "network and mount namespaces"), (_LINKS, "bridges and pairs of virtual interfaces")):
        done = subprocess.run([*command, script], capture_output=True, text=True, check=False)
        if done.returncode:
            yield f"{subject}: {done.stderr.strip()}"
            return


def _lacks_of_cgroups() -> Iterator[str]:
    name = f"probe-{uuid.uuid4().hex[:8]}"
    hierarchies = [""] if cgroups.is_version_2() else ["cpuset", "memory", "pids"]
    for place in (cgroups.ROOT / hierarchy for hierarchy in hierarchies):
        try:
            (place / name).mkdir()
            (place / name).rmdir()
        except OSError as error:
            yield f"cgroups that root may write to: {error}"


def _lacks_of_filesystems() -> Iterator[str]:
    filesystems = Path("/proc/filesystems").read_text().split()
    if "overlay" not in filesystems:
        yield "the filesystem overlay (modprobe overlay)"


if __name__ == "__main__":
    sys.exit(main())
