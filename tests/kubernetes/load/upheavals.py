"""The ways in which pods come and go, each as a function that is called again and again while the load runs."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args

from tests.kubernetes.load.running_app import RunningApp

Kind = Literal["code", "secret", "image", "scale", "evict", "kill"]

KINDS: tuple[Kind, ...] = get_args(Kind)
# Seconds after which callers have moved over to new pods: kept connections and WebSockets stay where they are, so
# pods that were added would otherwise go again without having had any.
SPREADS_WITHIN = 6.0


def code(app: RunningApp) -> None:
    """Roll out another release of the code."""
    app.change_code()


def image(app: RunningApp) -> None:
    """Roll out another image with the same code."""
    app.change_image()


def secret(app: RunningApp) -> None:
    """Give the secret another value."""
    app.change_secret()


def scale(app: RunningApp) -> None:
    """Run four pods, and then one."""
    app.scale(4)
    time.sleep(SPREADS_WITHIN)
    app.scale(1)


def evict(app: RunningApp) -> None:
    """Evict the oldest pod, as the drain of a node does it, and wait for its successor.

    A drain asks again while the disruption budget refuses. The budget learns a moment later that a pod is ready.
    """
    oldest = min(app.pods(), key=lambda pod: str(pod["metadata"]["creationTimestamp"]))
    app.wait(lambda: app.evict(oldest["metadata"]["name"]))
    app.wait(lambda: all(_is_ready(pod) for pod in app.pods()) and len(app.pods()) == app.replicas)
    app.settle()


def kill(app: RunningApp) -> None:
    """Kill the process of one pod, and wait until it runs again. The next time it is another one's.

    After a death all connections are those of the other pods.
    """
    pod = min(app.pods(), key=lambda pod: (_restarts(pod), str(pod["metadata"]["name"])))
    os.kill(_main_process(pod["metadata"]["uid"]), signal.SIGKILL)
    name, restarts = pod["metadata"]["name"], _restarts(pod)
    app.wait(lambda: any(each["metadata"]["name"] == name and _restarts(each) > restarts for each in app.pods()))
    app.wait(lambda: all(_is_ready(each) for each in app.pods()))
    if restarts == 2:  # the kubelet would wait ever longer before it starts this one again
        app.kubectl("delete", "pod", name, "--wait=false")
        app.wait(lambda: len(app.pods()) == app.replicas and all(_is_ready(each) for each in app.pods()))
    time.sleep(6)  # without probes, a pod counts as ready before its server listens


UPHEAVALS: dict[Kind, Callable[[RunningApp], None]] = {
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
