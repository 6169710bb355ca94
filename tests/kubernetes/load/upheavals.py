"""The ways in which pods come and go, each as a function that is called again and again while the load runs."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.load import container_images, shapes

Kind = Literal["code", "secret", "image", "scale", "evict", "kill"]

KINDS: tuple[Kind, ...] = get_args(Kind)
_PATIENCE = 180  # seconds
# Seconds after which callers have moved over to new pods: kept connections and WebSockets stay where they are, so
# pods that were added would otherwise go again without having had any.
SPREADS_WITHIN = 6.0


@dataclass
class Deployed:
    """The app in its namespace."""

    cluster: Cluster
    namespace: str
    shape: shapes.Shape
    replicas: int
    turn: int = 0
    secret: str = "key-0"
    image: str = container_images.reference(0)

    def deploy(self) -> None:
        """Apply the manifests, and wait until they serve."""
        secret = shapes.key(self.namespace, self.secret, f"value-{self.turn}")
        objects = shapes.manifests(self.shape, self.namespace, self.image, self.secret, self.replicas)
        items = {"apiVersion": "v1", "kind": "List", "items": [secret, *objects]}
        self.kubectl("apply", "-f", "-", stdin=json.dumps(items))
        self.settle()

    def settle(self) -> None:
        """Wait until the rollout is complete, and the pods of before have ended."""
        self.kubectl("rollout", "status", f"deployment/{shapes.APP}", f"--timeout={_PATIENCE}s")
        self.wait(lambda: len(self.pods()) == len(self.all_pods()))

    def pods(self) -> list[dict[str, Any]]:
        """Return the pods that are not ending."""
        return [pod for pod in self.all_pods() if "deletionTimestamp" not in pod["metadata"]]

    def all_pods(self) -> list[dict[str, Any]]:
        """Return the pods, also those that are ending."""
        items: list[dict[str, Any]] = json.loads(self.kubectl("get", "pods", "-o", "json"))["items"]
        return items

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition is true."""
        ends = time.monotonic() + _PATIENCE
        while not condition():
            if time.monotonic() > ends:
                raise TimeoutError(f"not after {_PATIENCE} s: {self.kubectl('get', 'pods', '-o', 'wide')}")
            time.sleep(0.2)

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Return what `kubectl` prints for the namespace."""
        return self.cluster.kubectl("-n", self.namespace, *arguments, stdin=stdin, timeout=_PATIENCE + 20)


def code(app: Deployed) -> None:
    """Roll out another release of the code."""
    app.turn += 1
    app.image = container_images.reference(app.turn % 2)
    app.deploy()


def image(app: Deployed) -> None:
    """Roll out another image with the same code."""
    app.turn += 1
    app.image = container_images.reference(0, app.turn % 2)
    app.deploy()


def secret(app: Deployed) -> None:
    """Give the secret another value. Here it is another Secret; the other shapes change it in place.

    Their pods then keep the old value, so the rotation takes the restart that their users add by hand.
    """
    app.turn += 1
    if app.shape == "ours":
        app.secret = f"key-{app.turn}"
    app.deploy()
    if app.shape != "ours":
        app.kubectl("rollout", "restart", f"deployment/{shapes.APP}")
        app.settle()


def scale(app: Deployed) -> None:
    """Run four pods, and then one."""
    for replicas in (4, 1):
        app.kubectl("scale", f"deployment/{shapes.APP}", f"--replicas={replicas}")
        app.settle()
        if replicas == 4:
            time.sleep(SPREADS_WITHIN)


def evict(app: Deployed) -> None:
    """Evict the oldest pod, as the drain of a node does it, and wait for its successor."""
    oldest = min(app.pods(), key=lambda pod: str(pod["metadata"]["creationTimestamp"]))
    name, namespace = oldest["metadata"]["name"], app.namespace
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": namespace}}
    path = f"/api/v1/namespaces/{namespace}/pods/{name}/eviction"
    app.kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(body))
    app.wait(lambda: all(_is_ready(pod) for pod in app.pods()) and len(app.pods()) == app.replicas)
    app.settle()


def kill(app: Deployed) -> None:
    """Kill the process of one pod, and wait until it runs again. The next time it is another one's.

    After a death all connections are those of the other pods.
    """
    pods = app.pods()
    pod = pods[app.turn % len(pods)]
    app.turn += 1
    os.kill(_main_process(pod["metadata"]["uid"]), signal.SIGKILL)
    name, restarts = pod["metadata"]["name"], _restarts(pod)
    app.wait(lambda: any(each["metadata"]["name"] == name and _restarts(each) > restarts for each in app.pods()))
    app.wait(lambda: all(_is_ready(each) for each in app.pods()))
    if restarts == 2:  # the kubelet would wait ever longer before it starts this one again
        app.kubectl("delete", "pod", name, "--wait=false")
        app.wait(lambda: len(app.pods()) == app.replicas and all(_is_ready(each) for each in app.pods()))
    time.sleep(6)  # without probes, a pod counts as ready before its server listens


UPHEAVALS: dict[Kind, Callable[[Deployed], None]] = {
    "code": code,
    "secret": secret,
    "image": image,
    "scale": scale,
    "evict": evict,
    "kill": kill,
}


def _is_ready(pod: dict[str, Any]) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _restarts(pod: dict[str, Any]) -> int:
    return sum(each["restartCount"] for each in pod["status"].get("containerStatuses", []))


def _main_process(uid: str) -> int:
    """Return the id of the pod's Python process, of which the pod's cgroup has one."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            if b"flyte_runtime\0serve" in command and uid in (folder / "cgroup").read_text():
                return int(folder.name)
        except OSError:  # it has ended meanwhile
            continue
    raise LookupError(f"no process of the pod {uid}")
