"""Protobuf JSON of Flyte specs, as the SDK wrote them, turned into our resources' properties. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_flyte.problems import Problems

_RESOURCES = {
    "CPU": "cpu",
    "MEMORY": "memory",
    "GPU": "gpu",
    "STORAGE": "storage",
    "EPHEMERAL_STORAGE": "ephemeralStorage",
}


def resources_of(container: Mapping[str, Any], extended: Mapping[str, Any]) -> dict[str, Any]:
    """Return `core.Resources` and `core.ExtendedResources` as requests, limits, accelerator and shared memory."""
    sides = container.get("resources", {})
    result: dict[str, Any] = {}
    for kind in ("requests", "limits"):
        entries = {_RESOURCES[entry["name"]]: entry["value"] for entry in sides.get(kind, [])}
        if entries:
            result[kind] = entries
    gpu = extended.get("gpuAccelerator", {})
    if gpu.get("device"):
        partition = {"partition": gpu["partitionSize"]} if gpu.get("partitionSize") else {}
        result["accelerator"] = {"device": gpu["device"], **partition}
    memory = extended.get("sharedMemory", {})
    if memory:
        result["sharedMemory"] = memory.get("sizeLimit") or "auto"
    return result


def secrets_of(security: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return `core.Secret`s as our `secrets`."""
    requests = []
    for secret in security.get("secrets", []):
        entry = {"key": secret["key"]}
        if secret.get("group"):
            entry["group"] = secret["group"]
        if secret.get("mountRequirement") == "FILE":
            entry["mount"] = "/etc/flyte/secrets"
        elif secret.get("envVar"):
            entry["envVar"] = secret["envVar"]
        requests.append(entry)
    return requests


def env_of(container: Mapping[str, Any]) -> dict[str, str]:
    """Return the container's own variables."""
    return {pair["key"]: pair.get("value", "") for pair in container.get("env", [])}


def seconds_of(duration: str) -> float | int:
    """Return `"60s"` as a number."""
    value = float(duration.removesuffix("s"))
    return int(value) if value.is_integer() else value


def from_app_spec(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return `app.Spec` as properties of `flyte:api:App`; what is unset is left out."""
    container = spec.get("container", {})
    security = spec.get("securityContext", {})
    scaling = spec.get("autoscaling", {})
    replicas = scaling.get("replicas", {})
    metric = scaling.get("scalingMetric", {})
    properties: dict[str, Any] = {
        "command": container.get("command"),
        "args": container.get("args"),
        "env": env_of(container),
        "resources": resources_of(container, spec.get("extendedResources", {})),
        "secrets": secrets_of(security),
        "serviceAccount": security.get("runAs", {}).get("k8sServiceAccount"),
        "extra": _beyond(spec),
        "type": spec.get("profile", {}).get("type"),
        "description": spec.get("profile", {}).get("shortDescription"),
        "links": spec.get("links"),
        "pod": spec.get("pod"),
        "inputs": [
            {"name": item["name"], "value": item["stringValue"]}
            for item in spec.get("inputs", {}).get("items", [])
            if "stringValue" in item
        ],
        "scaling": {
            **({"minReplicas": replicas.get("min", 0), "maxReplicas": replicas.get("max", 1)} if replicas else {}),
            **({"concurrency": metric["concurrency"]["targetValue"]} if "concurrency" in metric else {}),
            **({"requestRate": metric["requestRate"]["targetValue"]} if "requestRate" in metric else {}),
            **({"scaledownAfter": seconds_of(scaling["scaledownPeriod"])} if "scaledownPeriod" in scaling else {}),
        },
        "ingress": {
            new: spec.get("ingress", {})[old]
            for old, new in (("subdomain", "subdomain"), ("cname", "customDomain"))
            if spec.get("ingress", {}).get(old)
        },
        "timeouts": (
            {"request": seconds_of(spec["timeouts"]["requestTimeout"])}
            if "requestTimeout" in spec.get("timeouts", {})
            else {}
        ),
    }
    ports = container.get("ports", [])
    if ports:
        properties["port"] = ports[0]["containerPort"]
    return {key: value for key, value in properties.items() if value not in (None, {}, [], "")}


def _beyond(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has no property of its own: the name of the port (`h2c`), and where a cluster is chosen by name."""
    ports = spec.get("container", {}).get("ports", [])
    extra: dict[str, Any] = {}
    if spec.get("cluster") or spec.get("clusterPool", "default") != "default":
        extra = {"cluster": spec.get("cluster", ""), "clusterPool": spec.get("clusterPool", "")}
    if any(port.get("name") for port in ports):
        extra["container"] = {"ports": ports}
    return extra


_UNITS = {"FIXED_RATE_UNIT_MINUTE": 1, "FIXED_RATE_UNIT_HOUR": 60, "FIXED_RATE_UNIT_DAY": 24 * 60}


def from_trigger(trigger: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """Return `task.TaskTrigger` as arguments of `flyte:api:Trigger`. What those lack is a problem, not a loss."""
    path = f"triggers.{trigger['name']}"
    spec = trigger.get("spec", {})
    schedule = trigger.get("automationSpec", {}).get("schedule", {})
    rate, cron = schedule.get("rate", {}), schedule.get("cron", {})
    if "artifact" in trigger.get("automationSpec", {}):
        problems.add(path, "a trigger on an artifact is not supported: use a schedule, or none to start it on demand")
    run = dict(spec.get("runSpec", {}))
    env = {pair["key"]: pair.get("value", "") for pair in run.pop("envs", {}).get("values", [])}
    beyond = sorted(key for key, value in run.items() if value not in (None, "", 0, False, {}, []))
    if beyond:
        problems.add(path, f"these settings of a run cannot be carried: {', '.join(beyond)}; leave them out")
    properties = {
        "name": trigger["name"],
        "cron": cron.get("expression") or schedule.get("cronExpression"),
        "timezone": cron.get("timezone"),
        "interval_minutes": int(rate["value"]) * _UNITS[rate["unit"]] if rate else None,
        "start_time": rate.get("startTime"),
        "active": None if spec.get("active", False) else False,
        "description": spec.get("description"),
        "inputs": spec.get("inputs", {}).get("literals"),
        "env": env,
        "kickoff_time_input": schedule.get("kickoffTimeInputArg"),
    }
    return {key: value for key, value in properties.items() if value not in (None, "", [], {})}


def from_task_spec(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return `task.TaskSpec` as properties of `flyte:api:Task`: all other fields are its `template`."""
    other_fields = {key: value for key, value in spec.items() if key != "taskTemplate"}
    template = dict(spec.get("taskTemplate", {}))
    template.pop("id", None)
    container = template.pop("container", {})
    security = dict(template.pop("securityContext", {}))
    extended = template.pop("extendedResources", {})
    metadata = {key: value for key, value in template.get("metadata", {}).items() if key != "codeBundleUri"}
    if "runtime" in metadata:
        # The SDK's version alone makes no new version of a task.
        metadata["runtime"] = {key: value for key, value in metadata["runtime"].items() if key != "version"}
    secrets = secrets_of(security)
    security.pop("secrets", None)
    data_config = {key: value for key, value in container.items() if key == "dataConfig"}
    template = {**template, "metadata": metadata} if metadata else template
    if security:
        template["securityContext"] = security
    if data_config:
        template["container"] = data_config
    properties = {
        "command": container.get("command"),
        "args": container.get("args"),
        "env": env_of(container),
        "resources": resources_of(container, extended),
        "secrets": secrets,
        "template": {"taskTemplate": template, **other_fields},
    }
    return {key: value for key, value in properties.items() if value not in (None, {}, [])}
