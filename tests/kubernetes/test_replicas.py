"""An autoscaler takes over from a fixed number of replicas, and gives back, without a pod too few."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from tests.kubernetes.stack import ClusterStack

PROGRAM = """
import pulumi
from pulumi_flyte import App, Environment

shop = Environment("shop")
App(
    "web",
    environment=shop,
    image="localhost:5000/base:1",
    command=["python3", "-m", "http.server", "8080", "--directory", "/etc"],
    resources={{"cpu": ("50m", "500m"), "memory": ("16Mi", "64Mi")}},
    scaling={scaling!r},
    active={active},
    env={{"COLOUR": {colour!r}}},
)
"""
# Another app, whose pods need longer than an autoscaler needs to look.
OTHER = """
App(
    "other",
    environment=shop,
    image="localhost:5000/base:1",
    command=["sh", "-c", "sleep 25; exec python3 -m http.server 8080 --directory /etc"],
    resources={"cpu": ("50m", "500m"), "memory": ("16Mi", "64Mi")},
)
"""
# Seconds. An autoscaler looks every 15 seconds; with one that has just been made it may take a second turn. Then the
# pods have to start.
PATIENCE = 240


def program(replicas: int | tuple[int, int], *, colour: str = "blue", active: bool = True) -> str:
    # So that the autoscaler itself takes no pod away within the test, however long it takes.
    pause = {} if isinstance(replicas, int) else {"scaledown_after": 3600}
    return PROGRAM.format(scaling={"replicas": replicas, **pause}, colour=colour, active=active)


def write(stack: ClusterStack, replicas: int | tuple[int, int], *, colour: str = "blue", active: bool = True) -> None:
    stack.write({"__main__.py": program(replicas, colour=colour, active=active)})


def replicas_of(stack: ClusterStack) -> tuple[int, int]:
    """Return the number of pods that the Deployment asks for, and of those that are ready."""
    deployments = stack.cluster.objects("deployments", "-n", stack.namespace)
    (deployment,) = (each for each in deployments if each["metadata"]["name"] == "web")
    return deployment["spec"]["replicas"], deployment["status"].get("readyReplicas", 0)


def wait_for_replicas(stack: ClusterStack, count: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while (seen := replicas_of(stack)) != (count, count):
        assert time.monotonic() < deadline, f"expected {count} replicas, and there are {seen}"
        time.sleep(0.5)


@contextlib.contextmanager
def at_least(stack: ClusterStack, count: int) -> Iterator[None]:
    """Check that never fewer pods are asked for, also until an autoscaler has looked.

    That as many are ready is left to the rollout: on a slow machine a pod may miss a probe for other reasons.
    """
    few: list[int] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.2):
            number, _ = replicas_of(stack)
            if number < count:
                few.append(number)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
        time.sleep(20)
    finally:
        ended.set()
        thread.join()
    assert not few, f"expected {count} replicas all the time, and there were {few}"


def test_a_range_begins_with_the_pods_that_there_are(stack: ClusterStack) -> None:
    write(stack, 4)
    stack.init()
    stack.deployed()

    with at_least(stack, 4):
        write(stack, (2, 6))
        stack.deployed()

    write(stack, (5, 6))
    stack.deployed()
    wait_for_replicas(stack, 5)
    # The autoscaler's number. It may go back to 4, which is the last that it has chosen by itself, and not to 2.
    with at_least(stack, 4):
        write(stack, (2, 6), colour="red")
        stack.deployed()
    refreshed = stack.refresh()
    assert refreshed.code == 0, refreshed.text
    preview = stack.preview()
    assert (preview.code, preview.changed) == (0, set()), preview.text
    with at_least(stack, 4):
        write(stack, (2, 6), colour="green")
        stack.deployed()

    # The engine deletes the autoscaler at the end, so it looks once more before.
    stack.write({"__main__.py": program(3, colour="green") + OTHER})
    stack.deployed()
    number, _ = replicas_of(stack)
    assert number == 3
    wait_for_replicas(stack, 3)


def test_an_app_begins_with_the_least_number_also_after_it_was_stopped(stack: ClusterStack) -> None:
    write(stack, (2, 3))
    stack.init()
    stack.deployed()
    assert replicas_of(stack) == (2, 2)
    write(stack, (2, 3), active=False)
    stack.deployed()
    assert all("deletionTimestamp" in pod["metadata"] for pod in stack.pods("web"))
    write(stack, (2, 3))
    stack.deployed()
    assert replicas_of(stack) == (2, 2)
