"""All pairs of pods and ports, tried from inside the pods, and what the evaluator says of the same cluster."""

from __future__ import annotations

import ipaddress
import json
import socketserver
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.components.platforms.kubernetes.network import evaluator
from tests.components.platforms.kubernetes.network.evaluator import Address, End, Pod, Port
from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.cluster.home import ADDRESS
from tests.kubernetes.cluster.images import BASE_IMAGE

HTTP, OTHER = 8080, 9000
# The name server's port, which policies open elsewhere, and any other one.
METADATA, METADATA_PORTS = "169.254.169.254", (53, 8169)
SERVICE = "kubernetes.default.svc.cluster.local"  # which every cluster has
PROBER = Path(__file__).with_name("prober.py").read_text()
COMMAND = ("python3", "-c", PROBER, str(HTTP), str(OTHER))
PATIENCE = 120.0  # seconds

# Who reaches which address on which port.
Matrix = frozenset[tuple[str, str, int]]


def pod_manifest(
    namespace: str, name: str, labels: Mapping[str, str], more_ports: Sequence[int] = ()
) -> dict[str, Any]:
    """A pod that somebody makes by hand."""
    container = {
        "name": "prober",
        "image": BASE_IMAGE,
        "command": [*COMMAND, *map(str, more_ports)],
        "ports": [{"name": "http", "containerPort": HTTP}, *({"containerPort": port} for port in (OTHER, *more_ports))],
        "readinessProbe": {"httpGet": {"path": "/", "port": HTTP}, "periodSeconds": 1, "timeoutSeconds": 5},
        "resources": {"requests": {"cpu": "5m", "memory": "16Mi"}},
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": namespace, "name": name, "labels": dict(labels)},
        "spec": {"containers": [container], "terminationGracePeriodSeconds": 0},
    }


def apply(cluster: Cluster, manifests: Sequence[Mapping[str, Any]]) -> None:
    items = {"apiVersion": "v1", "kind": "List", "items": list(manifests)}
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(items))


@contextmanager
def namespaces(cluster: Cluster, *names: str) -> Iterator[None]:
    """Empty namespaces, which are gone afterwards."""
    apply(cluster, [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in names])
    try:
        for name in names:
            cluster.wait_for_account(name)
        yield
    finally:
        cluster.kubectl("delete", "namespace", *names, "--wait=false")


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


@contextmanager
def metadata_server() -> Iterator[None]:
    """A server under the metadata address of clouds, which every pod reaches that no policy hinders."""
    subprocess.run(["ip", "address", "replace", f"{METADATA}/32", "dev", "lo"], check=True)
    try:
        with ExitStack() as stack:
            for port in METADATA_PORTS:
                server = stack.enter_context(_Listener((METADATA, port), socketserver.BaseRequestHandler))
                threading.Thread(target=server.serve_forever, daemon=True).start()
                stack.callback(server.shutdown)
            yield
    finally:
        subprocess.run(["ip", "address", "del", f"{METADATA}/32", "dev", "lo"], check=True)


@dataclass(frozen=True)
class Network:
    """The running pods of some namespaces, and the policies that hold for them now."""

    pods: Mapping[str, Pod]
    labels: Mapping[str, Mapping[str, str]]
    policies: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, cluster: Cluster, *names: str) -> Network:
        """Read the pods, labels and policies of these namespaces from the API server."""
        items = [item for name in names for item in cluster.objects("pods", "-n", name)]
        pods = {pod.name: pod for pod in map(_pod, filter(_is_ready, items))}
        assert len(pods) == len([item for item in items if _is_ready(item)]), "two pods have one name"
        spaces = {item["metadata"]["name"]: item["metadata"]["labels"] for item in cluster.objects("namespaces")}
        policies = [item for name in names for item in cluster.objects("networkpolicies", "-n", name)]
        return cls(pods, spaces, policies)

    def targets(self) -> list[tuple[str, End, int]]:
        """Return the targets with their names: every port of every pod, the metadata address and the node."""
        pods: list[tuple[str, End, int]] = [
            (pod.name, pod, port.number) for pod in self.pods.values() for port in pod.ports
        ]
        metadata = [(METADATA, Address(METADATA), port) for port in METADATA_PORTS]
        return [*pods, *metadata, ("node", Address(ADDRESS), 6443)]

    def evaluated(self) -> Matrix:
        """Return the connections that the evaluator allows."""
        model = evaluator.Cluster(self.labels, self.policies)
        return frozenset(
            (source.name, name, port)
            for source in self.pods.values()
            for name, target, port in self.targets()
            if target != source and model.allows(source, target, port)
        )

    def probed(self) -> Matrix:
        """Return the connections that the cluster allows."""
        with ThreadPoolExecutor(len(self.pods)) as pool:
            matrices = pool.map(self._probed_from, self.pods.values())
        return frozenset().union(*matrices)

    def settled(self, expected: Matrix) -> Matrix:
        """Probe until the connections are as expected, or PATIENCE is over. A policy takes effect after a moment."""
        deadline = time.monotonic() + PATIENCE
        while True:
            matrix = self.probed()
            if matrix == expected or time.monotonic() > deadline:
                return matrix

    def without_names(self, expected: Set[str] = frozenset()) -> Set[str]:
        """Return the pods that cannot resolve the name of a Service.

        It asks until they are as expected, or PATIENCE is over: a question or an answer by UDP may be lost.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            with ThreadPoolExecutor(len(self.pods)) as pool:
                addresses = pool.map(lambda pod: ask(pod, [SERVICE])[0], self.pods.values())
            names = {name for name, address in zip(self.pods, addresses, strict=True) if address is None}
            if names == expected or time.monotonic() > deadline:
                return names

    @property
    def probes(self) -> int:
        """The number of connections that one call of `probed` tries."""
        return len(self.pods) * (len(self.targets()) - 2)

    def _probed_from(self, source: Pod) -> Matrix:
        targets = [(name, target.ip, port) for name, target, port in self.targets() if target != source]
        answers = ask(source, [[ip, port] for _, ip, port in targets])
        reached = zip(targets, answers, strict=True)
        return frozenset((source.name, name, port) for (name, _, port), answer in reached if answer)


def ask(pod: Pod, targets: Sequence[object]) -> list[Any]:
    """Ask the prober of a pod. The node reaches every pod."""
    request = urllib.request.Request(f"http://{pod.ip}:{HTTP}/", json.dumps(targets).encode())
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        answers: list[Any] = json.loads(answer.read())
    return answers


def wait_until_ready(cluster: Cluster, namespace: str) -> None:
    cluster.kubectl("wait", "--for=condition=Ready", "pods", "--all", "-n", namespace, f"--timeout={PATIENCE:g}s")


def differences(actual: Matrix, expected: Matrix) -> str:
    extra, missing = sorted(actual - expected), sorted(expected - actual)
    return f"{len(extra)} extra: {extra}\n{len(missing)} missing: {missing}"


def _is_ready(item: Mapping[str, Any]) -> bool:
    conditions = item["status"].get("conditions", ())
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return ready and "deletionTimestamp" not in item["metadata"]


def _pod(item: Mapping[str, Any]) -> Pod:
    ip = str(ipaddress.ip_address(item["status"]["podIP"]))
    ports = [port for container in item["spec"]["containers"] for port in container.get("ports", ())]
    listening = [Port(port["containerPort"], port.get("name")) for port in ports]
    if all(port.number != OTHER for port in listening):
        listening.append(Port(OTHER))  # the prober listens on it, whatever the pod declares
    metadata = item["metadata"]
    labels = metadata.get("labels", {})
    # The pods of a Deployment have names that nobody chose.
    name = labels["app.kubernetes.io/name"] if "pod-template-hash" in labels else metadata["name"]
    return Pod(metadata["namespace"], name, ip, labels, tuple(listening))
