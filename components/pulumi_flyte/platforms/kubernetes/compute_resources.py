"""The requests and limits of a container. Every container has both, so that no app starves its neighbours. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_flyte.notation.amounts import amount
from pulumi_flyte.workload.resources import ContainerResources

# A small Python service. The CPU limit leaves room for a quick start. There is none of ephemeral storage: a node whose
# kubelet does not measure it, such as that of a rootless kind, would run no pod that asks for some.
_REQUESTS = {"cpu": "100m", "memory": "256Mi"}
_LIMITS = {"cpu": "1", "memory": "512Mi"}
_NAMES = {
    "cpu": "cpu",
    "memory": "memory",
    "ephemeralStorage": "ephemeral-storage",
    "storage": "ephemeral-storage",
    "gpu": "nvidia.com/gpu",
}
_GPU = _NAMES["gpu"]


def compute_resources(resources: ContainerResources | None) -> dict[str, dict[str, str]]:
    """Return the property `resources` of a container.

    A limit that is not declared is the default, or the request where that is higher. Kubernetes wants request and limit
    of a GPU to be equal.
    """
    declared = resources or ContainerResources()
    requests, limits = _named(declared.requests), _named(declared.limits)
    limits = {name: _higher(default, requests.get(name)) for name, default in _LIMITS.items()} | limits
    requests = {name: _lower(default, limits[name]) for name, default in _REQUESTS.items()} | requests
    gpus = limits.get(_GPU, requests.get(_GPU, "0"))
    if gpus == "0":
        return {"requests": _without(requests, _GPU), "limits": _without(limits, _GPU)}
    return {"requests": {**requests, _GPU: gpus}, "limits": {**limits, _GPU: gpus}}


def _named(quantities: Mapping[str, str]) -> dict[str, str]:
    return {_NAMES[name]: quantity for name, quantity in quantities.items()}


def _without(quantities: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: quantity for key, quantity in quantities.items() if key != name}


def _higher(default: str, request: str | None) -> str:
    return request if request is not None and _number(request) > _number(default) else default


def _lower(default: str, limit: str) -> str:
    return limit if _number(limit) < _number(default) else default


def _number(quantity: str) -> float:
    return float(amount(quantity) or 0)
