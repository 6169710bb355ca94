"""The manifests of one app, in the shapes of other projects that emit Kubernetes objects.

The process is the same in all of them, and in ours. What differs is what each emits without being asked: Aspire
(59d405f) sets maxUnavailable 1 and surge 1 for every Deployment; score-k8s (b375b95) and Radius' recipe leave the
strategy and the end of a pod to Kubernetes; none of the three has a probe that is not declared.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from pulumi_flyte.platforms.kubernetes.labels import selector
from pulumi_flyte.platforms.kubernetes.service import service_spec

Shape = Literal["ours", "aspire", "score", "radius"]
Manifest = dict[str, Any]

SHAPES: tuple[Shape, ...] = get_args(Shape)
APP = "backend"
_PORT = 8080
_SECRET, _ENTRY = "key", "value"


def manifests(shape: Shape, namespace: str, image: str, replicas: int) -> list[Manifest]:
    """Return the Deployment and the Service."""
    specs = {"Deployment": _deployment(shape, image, replicas), "Service": dict(service_spec(APP))}
    versions = {"Deployment": "apps/v1", "Service": "v1"}
    metadata = {"name": APP, "namespace": namespace}
    return [
        {"apiVersion": versions[kind], "kind": kind, "metadata": metadata, "spec": spec} for kind, spec in specs.items()
    ]


def key(namespace: str, value: str) -> Manifest:
    """Return the Secret that the app reads."""
    metadata = {"name": _SECRET, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {_ENTRY: value}}


def _deployment(shape: Shape, image: str, replicas: int) -> Manifest:
    container = {
        "name": APP,
        "image": image,
        "ports": [{"containerPort": _PORT, "name": "http"}],
        "env": [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": _SECRET, "key": _ENTRY}}}],
    }
    links = {"enableServiceLinks": False} if shape == "radius" else {}
    rolling = {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 1}}}
    return {
        "replicas": replicas,
        "selector": {"matchLabels": selector(APP)},
        "template": {"metadata": {"labels": selector(APP)}, "spec": {"containers": [container], **links}},
        **(rolling if shape == "aspire" else {}),
    }
