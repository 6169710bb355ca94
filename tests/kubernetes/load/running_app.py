"""The app under load, however it was deployed."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tests.kubernetes.api_server import ApiServer
from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.load.shapes import APP, Shape

_PATIENCE = 180  # seconds


@dataclass
class RunningApp(ABC):
    """An app in its namespace, and the changes that a deployment can make. Each returns once no old pod is left."""

    cluster: Cluster
    replicas: int

    def __post_init__(self) -> None:
        self._api = ApiServer(self.cluster.home)

    def close(self) -> None:
        """Close the connection to the API server."""
        self._api.client.close()

    @property
    @abstractmethod
    def shape(self) -> Shape:
        """The shape of the app's manifests."""

    @property
    @abstractmethod
    def namespace(self) -> str:
        """The namespace that the app runs in."""

    @abstractmethod
    def deploy(self) -> None:
        """Deploy it as it is declared by now."""

    @abstractmethod
    def change_code(self) -> None:
        """Roll out another release of the code."""

    @abstractmethod
    def change_image(self) -> None:
        """Roll out another image with the same code."""

    @abstractmethod
    def change_secret(self) -> None:
        """Give its secret another value."""

    @abstractmethod
    def scale(self, replicas: int) -> None:
        """Run so many pods."""

    def settle(self) -> None:
        """Wait until the rollout is complete, and the pods of before have ended."""
        self.kubectl("rollout", "status", f"deployment/{APP}", f"--timeout={_PATIENCE}s")
        self.wait(lambda: len(self.pods()) == len(self.all_pods()))

    def pods(self) -> list[dict[str, Any]]:
        """Return the pods that are not ending."""
        return [pod for pod in self.all_pods() if "deletionTimestamp" not in pod["metadata"]]

    def all_pods(self) -> list[dict[str, Any]]:
        """Return the pods, also those that are ending."""
        # Not by kubectl, which would take the processor from the app and its callers.
        answer = self._api.client.get(f"/api/v1/namespaces/{self.namespace}/pods").raise_for_status()
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def evict(self, pod: str) -> bool:
        """Evict a pod. Returns False if the disruption budget refuses it at present."""
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": pod, "namespace": self.namespace},
        }
        answer = self._api.client.post(f"/api/v1/namespaces/{self.namespace}/pods/{pod}/eviction", json=body)
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            return False
        answer.raise_for_status()
        return True

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
