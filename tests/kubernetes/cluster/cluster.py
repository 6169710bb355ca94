"""The cluster as a whole: start, use, stop."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.kubernetes.cluster import cgroups, configuration, debian, images, node
from tests.kubernetes.cluster.daemons import Daemon, end_all, recorded, wait_until
from tests.kubernetes.cluster.errors import ClusterError
from tests.kubernetes.cluster.home import CGROUP, Home
from tests.kubernetes.cluster.namespaces import Namespaces

_HOST_SIDE = ("registry", "buildkitd")  # in the machine's own network
_CRDS = "calico-crds.yaml"
_SHIM = "containerd-shim-runc-v2"


@dataclass(frozen=True)
class Cluster:
    """The one cluster of a home."""

    home: Home

    @property
    def namespaces(self) -> Namespaces:
        """Its network and mounts."""
        return Namespaces(self.home)

    @property
    def missing(self) -> list[str]:
        """The programs that are not built and that it cannot do without."""
        files = [*node.REQUIRED, f"../{_CRDS}"]
        return [Path(name).name for name in files if not (self.home.bin / name).exists()]

    def start(self) -> None:
        """Start everything that does not run: a few seconds, and two minutes the first time."""
        if self.missing:
            raise ClusterError(f"not built: {', '.join(self.missing)}. Run tools/build --cluster")
        if self.namespaces.exist:
            return
        if cgroups.processes(CGROUP):
            raise ClusterError(f"the cgroup {CGROUP} has processes: python -m tests.kubernetes.cluster stop")
        self.home.make_folders()
        debian.provide(self.home)
        configuration.write(self.home)
        images.start(self.home)
        images.provide_base(self.home)
        self.namespaces.make()
        cgroups.make(CGROUP)
        self._start_control_plane()
        self._enforce_network_policies()
        self._start_node()
        if (self.home.bin / "metrics-server").exists():
            self.kubectl("apply", "-f", "conf/metrics.yaml")
            self._up("metrics-server", node.METRICS_SERVER)

    def stop(self) -> None:
        """End everything. Images, keys and unpacked packages stay; the cluster's objects do not."""
        inside = [daemon for daemon in recorded(self.home) if daemon.name not in (*_HOST_SIDE, "holder")]
        first = ("kubelet", "kube-proxy", "kube-scheduler", "kube-controller-manager", "metrics-server")
        end_all([daemon for daemon in inside if daemon.name in first])
        if self.namespaces.exist and Daemon(self.home, "containerd").runs:
            self._remove_containers()
        end_all(inside, 2)  # the API server would wait for its watchers
        self._end_shims()
        strangers = self.namespaces.processes()
        self.namespaces.remove()
        images.stop(self.home)
        left = [*cgroups.remove(CGROUP), *cgroups.remove(f"{CGROUP}-builds")]
        for place in ("etcd", "kubelet"):
            shutil.rmtree(self.home.lib / place, ignore_errors=True)
        self._report(strangers, left)

    def run(self, *command: str, stdin: str | None = None, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a command inside the cluster's network and mounts."""
        return subprocess.run(
            self.namespaces.entering(command),
            env=self.home.environment(),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def kubectl(self, *arguments: str, stdin: str | None = None, timeout: float = 120) -> str:
        """Return what `kubectl` prints. Raises if it fails."""
        done = self.run("kubectl", *arguments, stdin=stdin, timeout=timeout)
        if done.returncode:
            raise ClusterError(f"`kubectl {' '.join(arguments)}` failed: {done.stderr.strip()}")
        return done.stdout

    def objects(self, kind: str, *arguments: str) -> list[dict[str, Any]]:
        """Return the objects of a kind, such as `objects("pods", "-n", "shop-development")`."""
        items: list[dict[str, Any]] = json.loads(self.kubectl("get", kind, *arguments, "-o", "json"))["items"]
        return items

    def wait_for_account(self, namespace: str) -> None:
        """Wait until a new namespace has its account `default`. Before that, no pod can be made in it by hand."""
        account = ("serviceaccount/default", "-n", namespace)
        self.kubectl("wait", "--for=create", *account, "--timeout=60s")

    def wait_for_rollouts(self, namespace: str, seconds: float = 180) -> None:
        """Wait until every Deployment of a namespace has the pods that it wants, and no others but ending ones."""
        for deployment in self.objects("deployments", "-n", namespace):
            name = f"deployment/{deployment['metadata']['name']}"
            timeout = f"--timeout={seconds:.0f}s"
            self.kubectl("rollout", "status", name, "-n", namespace, timeout, timeout=seconds + 20)

    def _up(self, name: str, command: Sequence[str]) -> Daemon:
        daemon = Daemon(self.home, name)
        daemon.start(self.namespaces.entering(command))
        return daemon

    def _start_control_plane(self) -> None:
        self._up("registry-in", node.REGISTRY)  # the same storage under the same name, inside
        self._up("etcd", node.ETCD)
        self._up("containerd", node.CONTAINERD)
        server = self._up("kube-apiserver", node.API_SERVER)
        wait_until(lambda: self.run("kubectl", "get", "--raw", "/readyz").returncode == 0, 90, "the API server", server)
        self._up("kube-controller-manager", node.CONTROLLER_MANAGER)
        self._up("kube-scheduler", node.SCHEDULER)

    def _enforce_network_policies(self) -> None:
        """Start Felix before any pod: pods made earlier would keep a plain network."""
        self.kubectl("apply", "--server-side", "-f", _CRDS)
        definitions = ("ippools", "clusterinformations")
        names = [f"crd/{name}.crd.projectcalico.org" for name in definitions]
        # `kubectl wait` fails at once where a definition has no conditions yet, so it is asked again.
        wait = ("wait", "--for=condition=Established", *names, "--timeout=5s")
        wait_until(lambda: self.run("kubectl", *wait).returncode == 0, 60, "the definitions of Calico's objects")
        self.kubectl("apply", "-f", "conf/calico.yaml")
        plugin = self.home.debian / "usr/lib/cni/calico"
        plugin.unlink(missing_ok=True)
        plugin.symlink_to(self.home.bin / "calico")
        shutil.copyfile(self.home.conf / "calico.conflist", self.home.conf / "cni" / "05-calico.conflist")
        self._up("felix", node.FELIX)

    def _start_node(self) -> None:
        kubelet = self._up("kubelet", node.KUBELET)
        self._up("kube-proxy", node.KUBE_PROXY)
        self._up("dns", node.DNS)
        wait_until(self._node_is_ready, 90, "the node", kubelet)
        ended = [daemon for daemon in recorded(self.home) if not daemon.runs]
        if ended:
            logs = "\n".join(f"{daemon.name}:\n{daemon.last_lines()}" for daemon in ended)
            raise ClusterError(f"processes of the cluster ended: {logs}")

    def _node_is_ready(self) -> bool:
        return " Ready " in self.run("kubectl", "get", "node", node.NODE, "--no-headers").stdout

    def _remove_containers(self) -> None:
        ctr = ["ctr", "-a", "/run/containerd/containerd.sock", "-n", "k8s.io"]
        tasks = self.run(*ctr, "task", "ls", "-q").stdout.split()
        for task in tasks:
            self.run(*ctr, "task", "kill", "-s", "9", task)
        if tasks:
            time.sleep(1)
        for container in self.run(*ctr, "container", "ls", "-q").stdout.split():
            self.run(*ctr, "task", "rm", "-f", container)
            self.run(*ctr, "container", "rm", container)

    def _end_shims(self) -> None:
        """Kill containerd's shims, which outlive it; those of this cluster's network alone."""
        shims = [pid for pid in self.namespaces.processes() if _SHIM in _command_line(pid)]
        for pid in shims:
            _kill(pid)
        deadline = time.monotonic() + 10
        while any(map(_command_line, shims)) and time.monotonic() < deadline:
            time.sleep(0.1)

    def _report(self, strangers: Sequence[int], left: Sequence[Path]) -> None:
        holder = self.namespaces.holder.pid
        lines = [f"process {pid}: {_command_line(pid)}" for pid in strangers if pid != holder and _command_line(pid)]
        lines += [f"cgroup {folder}" for folder in left]
        mounts = Path("/proc/mounts").read_text().splitlines()
        lines += [f"mount {line}" for line in mounts if str(self.home.folder) in line]
        if lines:
            raise ClusterError("the cluster has ended and this is left:\n" + "\n".join(lines))


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
