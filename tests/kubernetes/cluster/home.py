"""The folders of the cluster: programs, configuration, data, logs. The cluster writes nothing elsewhere."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.kubernetes.cluster.errors import ClusterError

CHECKOUT = Path(__file__).resolve().parents[3]
TEMPLATES = Path(__file__).resolve().parent / "templates"
# A Unix socket's path has at most 107 bytes, and containerd appends to ours.
LONGEST = 80

ADDRESS = "10.88.0.1"  # of the node, the API server and the DNS server, inside the cluster's network
# Inside and outside, so that `localhost:5000/app:1` means the same image. A second cluster needs another one.
REGISTRY_PORT = int(os.environ.get("CLUSTER_REGISTRY_PORT", "5000"))
REGISTRY = f"localhost:{REGISTRY_PORT}"
CGROUP = f"pulumi-flyte-{REGISTRY_PORT}"


@dataclass(frozen=True)
class Home:
    """A folder. It may be a link: programs that were built once serve several checkouts."""

    folder: Path

    @property
    def bin(self) -> Path:
        """The programs that `tools/build --cluster` builds."""
        return self.folder / "bin"

    @property
    def debian(self) -> Path:
        """The root of the unpacked Debian packages."""
        return self.folder / "root"

    @property
    def conf(self) -> Path:
        """Keys, the token and the configuration files."""
        return self.folder / "conf"

    @property
    def lib(self) -> Path:
        """Data: etcd, images, the registry's layers."""
        return self.folder / "lib"

    @property
    def run(self) -> Path:
        """Process ids and sockets."""
        return self.folder / "run"

    @property
    def log(self) -> Path:
        """One file for each process."""
        return self.folder / "log"

    @property
    def builder_socket(self) -> Path:
        """The path of the socket that buildkitd listens on."""
        return self.run / "buildkitd.sock"

    def make_folders(self) -> None:
        """Make all of them. The data is readable by the owner alone, apart from what pods mount."""
        for folder in (self.bin, self.debian, self.conf, self.lib, self.run, self.log):
            folder.mkdir(parents=True, exist_ok=True)

    def environment(self) -> dict[str, str]:
        """Return this process's environment with the cluster's programs, kubeconfig and builder.

        Tests may run in it, so it sets no `LD_LIBRARY_PATH`.
        """
        path = [self.bin, *(self.debian / place for place in ("usr/bin", "usr/sbin", "sbin"))]
        return {
            **os.environ,
            "PATH": os.pathsep.join([*map(str, path), os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"]),
            "CLUSTER_HOME": str(self.folder),
            "KUBECONFIG": str(self.conf / "kubeconfig"),
            "DOCKER_CONFIG": str(self.conf / "docker"),
            "DOCKER_HOST": "unix:///nonexistent.sock",  # a Docker that happens to run here is not asked
        }

    def daemon_environment(self) -> dict[str, str]:
        """Return the environment of the cluster's own processes: the unpacked packages bring their libraries."""
        triplet = f"{os.uname().machine}-linux-gnu"
        folders = (self.debian / "usr/lib" / triplet, self.debian / "lib" / triplet)
        return {
            **self.environment(),
            "LD_LIBRARY_PATH": os.pathsep.join(map(str, folders)),
            "XTABLES_LIBDIR": str(folders[0] / "xtables"),
        }


def default_home(environment: Mapping[str, str] = os.environ) -> Home:
    """Return `.tools/cluster` of this checkout, or the folder that CLUSTER_HOME names."""
    folder = Path(environment.get("CLUSTER_HOME") or CHECKOUT / ".tools" / "cluster").resolve()
    if len(str(folder)) > LONGEST:
        raise ClusterError(
            f"{folder} has more than {LONGEST} characters, so the cluster's sockets would not fit: set CLUSTER_HOME"
        )
    return Home(folder)
