"""The network and the mounts of the cluster: namespaces that a sleeping process holds, with no link outside."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.kubernetes.cluster.daemons import Daemon, wait_until
from tests.kubernetes.cluster.errors import ClusterError
from tests.kubernetes.cluster.home import ADDRESS, Home

# Folders of the machine that the kubelet, containerd and the network plugins write to; each is a private one inside.
_PRIVATE = {
    "/var/lib/kubelet": "lib/kubelet",
    "/var/lib/cni": "lib/varcni",
    "/var/lib/calico": "lib/varcalico",
    "/run/containerd": "run/containerd",
    "/run/netns": "run/netns",
}
# Rebuilt by each start: sockets, network namespaces, and the addresses of pods that are gone.
_OF_ONE_LIFE = ("run/containerd", "run/netns", "lib/cni", "lib/varcni")


@dataclass(frozen=True)
class Namespaces:
    """The namespaces of a running cluster, or those that `make` will make."""

    home: Home

    @property
    def holder(self) -> Daemon:
        """The process that keeps them alive."""
        return Daemon(self.home, "holder")

    @property
    def exist(self) -> bool:
        """True while the cluster has its namespaces."""
        return self.holder.runs

    def make(self) -> None:
        """Make the namespaces, a bridge with the node's address, and the private folders."""
        for place in _OF_ONE_LIFE:
            shutil.rmtree(self.home.folder / place, ignore_errors=True)
        made = [path for path in _PRIVATE if not Path(path).is_dir()]
        self._made_folders.write_text("".join(f"{path}\n" for path in made))
        for path, place in _PRIVATE.items():
            Path(path).mkdir(parents=True, exist_ok=True)
            (self.home.folder / place).mkdir(parents=True, exist_ok=True)
        (self.home.lib / "cni").mkdir(exist_ok=True)
        self.holder.start(["unshare", "--net", "--mount", "--propagation", "private", "sleep", "infinity"])
        wait_until(self._are_apart, 30, "the network and mount namespaces", self.holder)
        self._net_record.write_text(os.readlink(f"/proc/{self.holder.pid}/ns/net"))
        binds = [f"mount --bind {place} {path}" for path, place in _PRIVATE.items()]
        steps = (
            "ip link set lo up",
            "ip link add node0 type bridge",
            f"ip addr add {ADDRESS}/24 dev node0",
            "ip link set node0 up",
            "ip route add default via 10.88.0.254 dev node0",  # leads nowhere; programs want one
            *binds,
            "mount --bind conf/resolv.conf /etc/resolv.conf",
            "mount --make-rshared /",
            "echo 1 > /proc/sys/net/ipv4/ip_forward",
            "if [ -e /proc/sys/net/bridge ]; then echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables; fi",
        )
        done = subprocess.run(
            self.entering(["sh", "-ec", "\n".join(steps)]), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ClusterError(f"the cluster's network and mounts could not be set up: {done.stderr.strip()}")

    def entering(self, command: Sequence[str], folder: Path | None = None) -> list[str]:
        """Return the command line that runs a command inside, in the cluster's home or another folder.

        The shell changes to the folder: the working directory that `nsenter` keeps is one of the mounts outside, and
        programs in Go cannot say its name.
        """
        pid = self.holder.pid
        if pid is None:
            raise ClusterError("the cluster does not run: python -m tests.kubernetes.cluster start")
        script = 'cd "$0" && exec "$@"'
        place = str(folder or self.home.folder)
        return ["nsenter", "-t", str(pid), "--net", "--mount", "sh", "-c", script, place, *command]

    def processes(self) -> list[int]:
        """Return the pids of everything that is in the cluster's network, pods apart."""
        if not self._net_record.exists():
            return []
        network = self._net_record.read_text()
        pids = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if os.readlink(process / "ns" / "net") == network:
                    pids.append(int(process.name))
        return pids

    def remove(self) -> None:
        """End the holder, with which the namespaces and their mounts go, and remove the folders made for them."""
        self.holder.end()
        self._net_record.unlink(missing_ok=True)
        for place in ("run/containerd", "run/netns"):
            shutil.rmtree(self.home.folder / place, ignore_errors=True)
        if self._made_folders.exists():
            for path in reversed(self._made_folders.read_text().splitlines()):
                with contextlib.suppress(OSError):  # somebody else uses it by now
                    Path(path).rmdir()
            self._made_folders.unlink()

    @property
    def _made_folders(self) -> Path:
        return self.home.run / "made"

    @property
    def _net_record(self) -> Path:
        return self.home.run / "net"

    def _are_apart(self) -> bool:
        pid = self.holder.pid
        # `unshare` becomes `sleep` when all is done. The mounts are apart before that, and private only then.
        return pid is not None and Path(f"/proc/{pid}/comm").read_text() == "sleep\n"
