"""Fixtures of the tests on real pods. `make test-cluster` runs them inside the cluster's network."""

from __future__ import annotations

import os
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kubernetes.api_server import ApiServer
from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.cluster.home import default_home
from tests.kubernetes.order import in_turns
from tests.kubernetes.stack import ClusterStack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests of this folder. CI sets CLUSTER_TESTS_TURN, which says with which files to begin."""
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.cluster)
        # Images are built and pods are rolled, on a machine that also does something else.
        item.add_marker(pytest.mark.timeout(1800 if item.get_closest_marker("soak") is None else 4 * 3600))
    turn = int(os.environ.get("CLUSTER_TESTS_TURN", "0"))
    others = [item for item in items if Path(__file__).parent not in item.path.parents]
    items[:] = [*in_turns(ours, lambda item: str(item.path.relative_to(Path(__file__).parent)), turn), *others]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin no test after the time that CLUSTER_TESTS_UNTIL names, in seconds of the epoch. CI sets it."""
    until = os.environ.get("CLUSTER_TESTS_UNTIL")
    if until and time.time() > float(until) and Path(__file__).parent in item.path.parents:
        pytest.skip("no time was left")


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The cluster in whose network this process is. It runs before the tests do, and all workers share it."""
    cluster = Cluster(default_home())
    holder = cluster.namespaces.holder.pid
    how = "use `make test-cluster`, or `python -m tests.kubernetes.cluster start` and `… run pytest -m cluster …`"
    assert holder is not None, f"the test cluster does not run: {how}"
    network = [os.readlink(f"/proc/{process}/ns/net") for process in (holder, "self")]
    assert network[0] == network[1], f"these tests must run inside the cluster's network: {how}"
    return cluster


@pytest.fixture(scope="session")
def api(cluster: Cluster) -> Iterator[ApiServer]:
    """The API server, with full rights."""
    server = ApiServer(cluster.home)
    with server.client:
        yield server


@pytest.fixture
def ingress_controller(api: ApiServer) -> Iterator[None]:
    """A stand-in for an ingress controller: it publishes an address for every Ingress, and passes no request on."""
    ended = threading.Event()

    def publish() -> None:
        while not ended.wait(0.5):
            for ingress in api.list_ingresses():
                if not ingress.get("status", {}).get("loadBalancer"):
                    api.publish(ingress)

    thread = threading.Thread(target=publish)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.fixture
def project(request: pytest.FixtureRequest) -> str:
    """A name that no other test has, for a Flyte project or a namespace: at most 30 characters."""
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower().removeprefix("test_")).strip("-")
    return f"{words[:22].strip('-')}-{uuid.uuid4().hex[:6]}"


@pytest.fixture
def namespace(cluster: Cluster, project: str) -> Iterator[str]:
    """An empty namespace with enforced "restricted" pod security, for objects that the test makes itself."""
    cluster.kubectl("create", "namespace", project)
    cluster.kubectl("label", "namespace", project, "pod-security.kubernetes.io/enforce=restricted")
    cluster.wait_for_account(project)
    yield project
    cluster.kubectl("delete", "namespace", project, "--wait=false")


@pytest.fixture
def make_stack(cluster: Cluster, project: str, tmp_path: Path) -> Iterator[Callable[..., ClusterStack]]:
    """Make stacks for the platform `kubernetes`. What they have left running or deployed is ended after the test."""
    stacks: list[ClusterStack] = []

    def make(**settings: object) -> ClusterStack:
        arguments = {"base": tmp_path / f"stack{len(stacks)}", "project": project, **settings}
        stack = ClusterStack(cluster=cluster, **arguments)  # type: ignore[arg-type]
        stacks.append(stack)
        return stack

    yield make
    for stack in stacks:
        stack.close()


@pytest.fixture
def stack(make_stack: Callable[..., ClusterStack]) -> ClusterStack:
    """One stack, not yet initialised."""
    return make_stack()
