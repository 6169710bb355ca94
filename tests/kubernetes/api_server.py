"""The API server of the test cluster, over HTTP: for tests that send hundreds of requests."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

from tests.kubernetes.cluster.home import ADDRESS, Home

_PLURALS = {"NetworkPolicy": "networkpolicies", "Ingress": "ingresses"}
_OUTSIDE_NAMESPACES = {"Namespace"}
_PATIENCE = 60.0  # seconds, on a machine that builds images and starts pods at the same time


@dataclass(frozen=True)
class ObjectKey:
    """The identity of an object: its API version (such as `apps/v1`), kind, namespace and name."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @property
    def path(self) -> str:
        """The path of its URL."""
        root = f"/apis/{self.api_version}" if "/" in self.api_version else f"/api/{self.api_version}"
        plural = _PLURALS.get(self.kind, f"{self.kind.lower()}s")
        scope = "" if self.kind in _OUTSIDE_NAMESPACES else f"/namespaces/{self.namespace}"
        return f"{root}{scope}/{plural}/{self.name}"


@dataclass(frozen=True)
class ApiServer:
    """A client with full rights."""

    home: Home

    @cached_property
    def client(self) -> httpx.Client:
        """The connection."""
        context = ssl.create_default_context(cafile=str(self.home.conf / "ca.crt"))
        context.verify_flags &= ~ssl.VerifyFlags.VERIFY_X509_STRICT
        headers = {"Authorization": f"Bearer {(self.home.conf / 'token').read_text().strip()}"}
        url = f"https://{ADDRESS}:6443"
        return httpx.Client(base_url=url, verify=context, headers=headers, timeout=_PATIENCE, trust_env=False)

    def get(self, key: ObjectKey) -> dict[str, Any]:
        """Return the object as it is."""
        body: dict[str, Any] = self.client.get(key.path).raise_for_status().json()
        return body

    def list_ingresses(self) -> list[dict[str, Any]]:
        """Return every Ingress of the cluster."""
        items: list[dict[str, Any]] = self.client.get("/apis/networking.k8s.io/v1/ingresses").json()["items"]
        return items

    def publish(self, ingress: Mapping[str, Any]) -> None:
        """Say in the status of an Ingress that it is reached at the node's address, as a controller does."""
        metadata = ingress["metadata"]
        key = ObjectKey("networking.k8s.io/v1", "Ingress", metadata["namespace"], metadata["name"])
        self.client.patch(
            f"{key.path}/status",
            headers={"Content-Type": "application/merge-patch+json"},
            json={"status": {"loadBalancer": {"ingress": [{"ip": ADDRESS}]}}},
        )

    def patch(self, key: ObjectKey, operations: Sequence[Mapping[str, Any]]) -> str | None:
        """Apply a JSON patch as somebody else than Pulumi. Returns the API server's refusal, if any."""
        response = self.client.patch(
            key.path,
            params={"fieldManager": "somebody-else"},
            headers={"Content-Type": "application/json-patch+json"},
            json=list(operations),
        )
        return None if response.is_success else str(response.json().get("message", response.text))
