"""The test cluster itself: what the other tests rely on is real."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.cluster.errors import ClusterError
from tests.kubernetes.cluster.images import BASE_IMAGE

PATIENCE = 120.0  # seconds


def pod(name: str, *command: str) -> dict[str, Any]:
    """Return a pod that a namespace with "restricted" pod security admits."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app.kubernetes.io/name": name}},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "automountServiceAccountToken": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65532,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": name,
                    "image": BASE_IMAGE,
                    "command": list(command),
                    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                }
            ],
        },
    }


def service(name: str, port: int) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app.kubernetes.io/name": name}, "ports": [{"port": 80, "targetPort": port}]},
    }


def apply(cluster: Cluster, namespace: str, *objects: dict[str, Any]) -> None:
    document = {"apiVersion": "v1", "kind": "List", "items": objects}
    cluster.kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(document))


def until(condition: Callable[[], bool], subject: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"{subject} did not come within {PATIENCE:g} s"
        time.sleep(0.2)


def can_reach(cluster: Cluster, namespace: str, caller: str, url: str) -> bool:
    code = f"import urllib.request; urllib.request.urlopen({url!r}, timeout=2)"
    done = cluster.run("kubectl", "exec", "-n", namespace, caller, "--", "python3", "-c", code)
    return done.returncode == 0


@pytest.fixture
def server(cluster: Cluster, namespace: str) -> str:
    """A ready pod behind a Service; its URL."""
    command = ("python3", "-m", "http.server", "8080", "--directory", "/etc")
    apply(cluster, namespace, pod("server", *command), service("server", 8080))
    cluster.kubectl("wait", "-n", namespace, "--for=condition=Ready", "pod/server", f"--timeout={PATIENCE:g}s")
    return f"http://server.{namespace}.svc.cluster.local"


def test_a_service_is_reached_by_its_name_from_here(server: str) -> None:
    def answers() -> bool:
        try:
            return httpx.get(f"{server}/hostname", trust_env=False).text.strip() == "server"
        except httpx.TransportError:  # the Service's address or name takes a moment
            return False

    until(answers, "the answer")


def test_pod_security_is_enforced(cluster: Cluster, namespace: str) -> None:
    privileged = pod("privileged", "sleep", "1")
    privileged["spec"]["securityContext"] = {}
    with pytest.raises(ClusterError, match="violates PodSecurity"):
        apply(cluster, namespace, privileged)


def test_a_network_policy_is_enforced_and_can_be_lifted(cluster: Cluster, namespace: str, server: str) -> None:
    apply(cluster, namespace, pod("client", "sleep", "1000"))
    cluster.kubectl("wait", "-n", namespace, "--for=condition=Ready", "pod/client", f"--timeout={PATIENCE:g}s")
    until(lambda: can_reach(cluster, namespace, "client", server), "the way without a policy")
    deny = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "closed"},
        "spec": {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "server"}}, "policyTypes": ["Ingress"]},
    }
    apply(cluster, namespace, deny)
    until(lambda: not can_reach(cluster, namespace, "client", server), "the end of the way")
    cluster.kubectl("delete", "-n", namespace, "networkpolicy", "closed")
    until(lambda: can_reach(cluster, namespace, "client", server), "the way after the policy")
