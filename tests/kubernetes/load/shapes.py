"""The manifests of one app, in the shape of this project and in those of others that emit Kubernetes objects.

The container is the same in all of them. What differs is what each emits without being asked: Aspire (59d405f) sets
maxUnavailable 1 and surge 1 for every Deployment; score-k8s (b375b95) and Radius' recipe leave the strategy and the end
of a pod to Kubernetes; none of the three has a probe that is not declared. Ours is made by the platform's functions.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from flyte_runtime.contract import Identity, Wiring
from pulumi_flyte.arguments.health import Health
from pulumi_flyte.arguments.scaling import Scaling
from pulumi_flyte.platforms.kubernetes.deployment import deployment_spec
from pulumi_flyte.platforms.kubernetes.disruption import budget_spec, has_budget
from pulumi_flyte.platforms.kubernetes.labels import selector
from pulumi_flyte.platforms.kubernetes.pod import PodContents, pod_template
from pulumi_flyte.platforms.kubernetes.pod_rules import PodRules
from pulumi_flyte.platforms.kubernetes.service import service_spec
from pulumi_flyte.platforms.kubernetes.variables import SecretEntry
from pulumi_flyte.wiring.edge import Edges
from pulumi_flyte.workload.app_spec import AppOptions, AppSpec, AuthPolicy
from pulumi_flyte.workload.container import Container, ImageChoice

Shape = Literal["ours", "aspire", "score", "radius"]
Manifest = dict[str, Any]

SHAPES: tuple[Shape, ...] = get_args(Shape)
APP = "backend"
_PORT = 8080
_ENTRY = "value"


def manifests(shape: Shape, namespace: str, image: str, secret: str, replicas: int) -> list[Manifest]:
    """Return the Deployment, the Service, and the budget where the shape has one."""
    if shape == "ours":
        specs = _ours(image, secret, replicas)
    else:
        specs = {"Deployment": _theirs(shape, image, secret, replicas), "Service": dict(service_spec(APP))}
    versions = {"Deployment": "apps/v1", "Service": "v1", "PodDisruptionBudget": "policy/v1"}
    metadata = {"name": APP, "namespace": namespace}
    return [
        {"apiVersion": versions[kind], "kind": kind, "metadata": metadata, "spec": spec} for kind, spec in specs.items()
    ]


def key(namespace: str, name: str, value: str) -> Manifest:
    """Return the Secret that the app reads."""
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {_ENTRY: value}}


def _ours(image: str, secret: str, replicas: int) -> dict[str, Manifest]:
    identity = Identity(kind="app", project="load", domain="development", name=APP)
    options = AppOptions(scaling=Scaling(replicas=replicas), health=Health(path="/healthz"))
    spec = AppSpec(identity, Container(ImageChoice(image)), _PORT, options, AuthPolicy(), Edges())
    rules = PodRules()
    contents = PodContents(
        image=image,
        variables={"FLYTE_WIRING": Wiring(platform="kubernetes", identity=identity).to_json(), "PORT": str(_PORT)},
        secrets={"KEY": SecretEntry(secret, _ENTRY)},
    )
    template = pod_template(spec, contents, rules, "default")
    budget = {"PodDisruptionBudget": dict(budget_spec(APP, rules))} if has_budget(spec, rules) else {}
    return {
        "Deployment": dict(deployment_spec(spec, template, rules)),
        "Service": dict(service_spec(APP)),
        **budget,
    }


def _theirs(shape: Shape, image: str, secret: str, replicas: int) -> Manifest:
    container = {
        "name": APP,
        "image": image,
        "ports": [{"containerPort": _PORT, "name": "http"}],
        "env": [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": secret, "key": _ENTRY}}}],
    }
    links = {"enableServiceLinks": False} if shape == "radius" else {}
    rolling = {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 1}}}
    return {
        "replicas": replicas,
        "selector": {"matchLabels": selector(APP)},
        "template": {"metadata": {"labels": selector(APP)}, "spec": {"containers": [container], **links}},
        **(rolling if shape == "aspire" else {}),
    }
