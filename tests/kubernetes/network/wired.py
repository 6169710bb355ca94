"""The program of the test: twelve apps in two namespaces and three tasks, wired as `graph.json` says.

An edge is `[caller, callee, how]`: by reference, through an Output, or by name, which may close a circle.
"""

import json
from pathlib import Path
from typing import Any

import pulumi
from pulumi_flyte import App, AppEndpoint, Environment, Task, api

graph = json.loads(Path("graph.json").read_text())
cluster = {
    "ingress_host": "{app}.example.com",
    "ingress_namespaces": [graph["ingress_namespace"]],
    "task_namespace": graph["task_namespace"],
    # Nobody is there who would give an Ingress an address.
    "route_annotations": {"pulumi.com/skipAwait": "true"},
}
opened: Any = {**cluster, "egress": "open"}
closed: Any = {**cluster, "egress": "declared"}
environments = {
    "near": Environment("near", cluster=opened),
    "far": Environment("far", domain="staging", cluster=closed),
}
small: Any = {"cpu": ("5m", "500m"), "memory": "64Mi"}
apps: dict[str, App] = {}
# Of the control plane that the tasks are on.
project = api.Project("project", name=pulumi.get_project())


def inputs_of(caller: str) -> dict[str, Any]:
    inputs: dict[str, Any] = {}
    for source, callee, how in graph["edges"]:
        if source != caller:
            continue
        domain = "staging" if graph["apps"][callee] == "far" else "development"
        match how:
            case "reference":
                inputs[callee] = apps[callee]
            case "output":
                inputs[callee] = pulumi.Output.from_input(apps[callee].link_value.as_dict())
            case "name":
                inputs[callee] = AppEndpoint(callee, domain=domain)
    return inputs


for name, place in graph["apps"].items():
    apps[name] = App(
        name,
        environment=environments[place],
        image=graph["image"],
        command=graph["command"],
        health="/",
        resources=small,
        public=name in graph["public"],
        inputs=inputs_of(name),
    )
for name, (place, task) in graph["tasks"].items():
    Task(
        name,
        name=task,
        environment=environments[place],
        image=graph["image"],
        command=["true"],
        interface={},
        inputs=inputs_of(name),
        opts=pulumi.ResourceOptions(depends_on=[project]),
    )
