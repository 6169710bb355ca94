"""The manifests of one app, in the shape of this project and in those of others that emit Kubernetes objects.

The container is the same in all of them. What differs is what each emits without being asked: Aspire (59d405f) sets
maxUnavailable 1 and surge 1 for every Deployment; score-k8s (b375b95) and Radius' recipe leave the strategy and the end
of a pod to Kubernetes; none of the three has a probe that is not declared.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from flyte_runtime.contract import GRACE_PERIOD, PRE_STOP_DELAY, Identity, Wiring

Shape = Literal["ours", "aspire", "score", "radius"]
Manifest = dict[str, Any]

SHAPES: tuple[Shape, ...] = get_args(Shape)
APP = "backend"
PORT = 8080


def manifests(shape: Shape, namespace: str, image: str, secret: str, replicas: int) -> list[Manifest]:
    """Return the Deployment, the Service and what else the shape has."""
    metadata = {"name": APP, "namespace": namespace}
    labels = {"app.kubernetes.io/name": APP}
    spec: Manifest = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": _pod(shape, image, secret)},
    }
    if shape == "ours":
        spec |= {"strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}, "revisionHistoryLimit": 3}
    if shape == "aspire":
        spec |= {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 1}}}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
    ports = [{"port": 80, "targetPort": PORT}]
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {"selector": labels, "ports": ports},
    }
    return [deployment, service, *([_budget(metadata, labels)] if shape == "ours" and replicas > 1 else [])]


def key(namespace: str, name: str, value: str) -> Manifest:
    """Return the Secret that the app reads."""
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"value": value}}


def _budget(metadata: Manifest, labels: Manifest) -> Manifest:
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": labels}, "unhealthyPodEvictionPolicy": "AlwaysAllow"}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec}


def _pod(shape: Shape, image: str, secret: str) -> Manifest:
    reference = {"secretKeyRef": {"name": secret, "key": "value"}}
    container: Manifest = {
        "name": APP,
        "image": image,
        "ports": [{"containerPort": PORT, "name": "http"}],
        "env": [{"name": "KEY", "valueFrom": reference}],
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}},
    }
    if shape == "radius":
        return {"containers": [container], "enableServiceLinks": False}
    if shape != "ours":
        return {"containers": [container]}
    identity = Identity(kind="app", project="load", domain="development", name=APP)
    wiring = Wiring(platform="kubernetes", identity=identity).to_json()
    probe = {"httpGet": {"path": "/healthz", "port": "http"}, "timeoutSeconds": 5}
    container |= {
        "env": [*container["env"], {"name": "FLYTE_WIRING", "value": wiring}],
        "startupProbe": {**probe, "periodSeconds": 1, "failureThreshold": 300},
        "readinessProbe": {**probe, "periodSeconds": 5},
        "livenessProbe": {**probe, "periodSeconds": 10, "failureThreshold": 6},
        "lifecycle": {"preStop": {"sleep": {"seconds": PRE_STOP_DELAY}}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    }
    return {
        "containers": [container],
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": GRACE_PERIOD,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65532,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumes": [{"name": "tmp", "emptyDir": {}}],
    }
