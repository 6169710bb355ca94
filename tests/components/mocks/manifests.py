"""Programs on the platform `kubernetes`, and the objects that they register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
from pulumi_flyte import App, Environment
from pulumi_flyte.testing import UNKNOWN, SecretValue

from tests.components.mocks import kubernetes_schemas
from tests.components.mocks.registrations import Program, Registration, run

KUBERNETES = {"flyte:platform": "kubernetes", "flyte:ingressHost": "{app}.example.com"}
# With a control plane for tasks.
WITH_FLYTE = {**KUBERNETES, "flyte:endpoint": "dns:///flyte.example.com"}
IMAGE = "registry.example.com/web:1"


def declared(
    declare: Callable[[], object], config: Mapping[str, str] = KUBERNETES, *, preview: bool = False
) -> Program:
    """Run a program on `kubernetes`, and check its objects against the schemas of the API."""
    program = run(declare, config, preview=preview)
    for resource in objects_of(program):
        manifest = manifest_of(resource)
        if "gateway" not in manifest["apiVersion"]:  # which is no part of Kubernetes itself
            kubernetes_schemas.check(manifest)
    return program


def app_objects(config: Mapping[str, str] = KUBERNETES, /, **arguments: Any) -> dict[str, Any]:
    """Return the objects of an App `web` with these arguments, by kind."""
    environment = arguments.pop("environment", {})

    def declare() -> None:
        App("web", environment=Environment("env", **environment), **{"image": IMAGE, **arguments})

    program = declared(declare, config)
    below = [each for each in objects_of(program) if each.parent == "index:App web"]
    return {manifest["kind"]: manifest for manifest in map(manifest_of, below)}


def pod_of(objects: Mapping[str, Any]) -> dict[str, Any]:
    """Return the spec of the pods of a Deployment."""
    pod: dict[str, Any] = objects["Deployment"]["spec"]["template"]["spec"]
    return pod


def container_of(objects: Mapping[str, Any]) -> dict[str, Any]:
    """Return the container of the pods of a Deployment."""
    (container,) = pod_of(objects)["containers"]
    return dict(container)


def variables_of(container: Mapping[str, Any]) -> dict[str, str]:
    """Return the plain variables of a container."""
    return {each["name"]: each["value"] for each in container["env"] if "value" in each}


def objects_of(program: Program) -> list[Registration]:
    """Return the resources that are objects of Kubernetes."""
    return [each for each in program.resources if each.type.startswith("kubernetes:")]


def manifest_of(resource: Registration) -> dict[str, Any]:
    """Return an object as the API gets it: with the name that pulumi-kubernetes would give it."""
    manifest: dict[str, Any] = _plain(resource.inputs)
    manifest["metadata"].setdefault("name", f"{resource.name}-1f2e3d4")
    return manifest


def _plain(value: Any) -> Any:
    """Return a property without the marks of secret and unknown values."""
    if isinstance(value, SecretValue):
        return _plain(value.reveal())
    if value is UNKNOWN or value is None:
        return "unknown"
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def outputs_of(app: App) -> dict[str, pulumi.Output[Any]]:
    """Return the outputs of an app, to be exported."""
    return {"endpoint": app.endpoint, "public": app.public_endpoint, "version": app.version}
