"""A new value of a secret on `kubernetes`: the apps that read it roll, and no others."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest
from pulumi_flyte import App, Environment, Secret

from tests.components.mocks.manifests import IMAGE, KUBERNETES, manifest_of
from tests.components.mocks.registrations import Program, run

APPS = [f"app-{number}" for number in range(8)]
KEYS = [f"key-{number}" for number in range(20)]


def generated_name(request: pulumi.runtime.MockResourceArgs) -> Mapping[str, Any]:
    """Name a Secret as pulumi-kubernetes does: a new value is a new object, and has a new name."""
    value = sorted(request.inputs["stringData"].items())
    return {"metadata": {**request.inputs["metadata"], "name": f"{request.name}-{hash(str(value)):x}"}}


def program(readers: Mapping[str, list[str]], values: Mapping[str, str]) -> Program:
    def declare() -> None:
        place = Environment("env")
        secrets = {key: Secret(key, environment=place, value=values[key]) for key in KEYS}
        for app in APPS:
            read = {f"SECRET_{KEYS.index(key)}": secrets[key] for key in KEYS if app in readers[key]}
            App(app, environment=place, image=IMAGE, secrets=read)

    return run(declare, KUBERNETES, computed={"kubernetes:core/v1:Secret": generated_name})


def pod_templates(registered: Program) -> dict[str, Any]:
    deployments = {app: manifest_of(registered[f"kubernetes:apps/v1:Deployment {app}"]) for app in APPS}
    return {app: deployment["spec"]["template"] for app, deployment in deployments.items()}


@pytest.mark.parametrize("seed", range(10))
def test_the_pods_that_roll_are_those_that_read_the_rotated_secrets(seed: int) -> None:
    choice = random.Random(seed)
    readers = {key: choice.sample(APPS, choice.randrange(len(APPS))) for key in KEYS}
    values = {key: f"value of {key}" for key in KEYS}
    rotated = choice.sample(KEYS, choice.randrange(1, 4))
    before = pod_templates(program(readers, values))
    after = pod_templates(program(readers, {**values, **dict.fromkeys(rotated, "another value")}))
    rolled = {app for app in APPS if before[app] != after[app]}
    assert rolled == {app for key in rotated for app in readers[key]}
