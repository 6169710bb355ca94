"""`up` explains why a cluster, a registry or a builder refuses, and leaves nothing half-made."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.kubernetes.cluster.images import BASE_IMAGE
from tests.kubernetes.stack import ClusterStack

MakeStack = Callable[..., ClusterStack]
SERVER = ["python3", "-m", "http.server", "8080"]
PROGRAM = """\
import pulumi
from pulumi_flyte import App, Environment, Image, Secret

limits = pulumi.CustomTimeouts(create="{seconds}s", update="{seconds}s", delete="300s")
environment = Environment("env", opts=pulumi.ResourceOptions(custom_timeouts=limits), **{environment})
secrets = {{}}
if {secret!r}:
    secrets["KEY"] = Secret("key", environment=environment, existing=True, name={secret!r})
App(
    "web",
    environment=environment,
    secrets=secrets,
    opts=pulumi.ResourceOptions(custom_timeouts=limits),
    **{{"image": {image!r}, "command": {command!r}, **{arguments}}},
)
"""


@dataclass(frozen=True)
class Refusal:
    """A program that cannot be deployed, and words of what `up` says.

    before: objects that are in the cluster already. seconds: the time limit, within which the cause has to show.
    """

    words: tuple[str, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, str] = field(default_factory=dict)
    secret: str = ""
    before: tuple[Mapping[str, Any], ...] = ()
    seconds: int = 30

    @property
    def program(self) -> str:
        return PROGRAM.format(
            environment=dict(self.environment),
            arguments=dict(self.arguments),
            secret=self.secret,
            image=BASE_IMAGE,
            command=SERVER,
            seconds=self.seconds,
        )


def namespaced(kind: str, name: str, version: str = "v1", **body: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **body}


OURS = {"create_namespace": False}
RESTRICTED = namespaced("Namespace", "$")
RESTRICTED["metadata"]["labels"] = {"pod-security.kubernetes.io/enforce": "restricted"}
# The time limit where a node has to begin with a pod, on a busy machine.
ON_NODE = 60
OF_PODS = {
    "image-that-does-not-exist": Refusal(
        ("localhost:5000/none:1",), {"image": "localhost:5000/none:1"}, seconds=ON_NODE
    ),
    "registry-that-nodes-cannot-reach": Refusal(
        ("localhost:5999/web:1",), {"image": "localhost:5999/web:1"}, seconds=ON_NODE
    ),
    "crash": Refusal(
        ("the disk is full",),
        {"command": ["python3", "-c", "raise SystemExit('the disk is full')"]},
        seconds=ON_NODE,
    ),
    "command-that-does-not-exist": Refusal(("nginx",), {"command": ["nginx"]}, seconds=ON_NODE),
    "health-path-that-fails": Refusal(("health check fails", "404"), {"health": "/healthz"}, seconds=ON_NODE),
    "port-that-nobody-listens-on": Refusal(("9999",), {"port": 9999}, seconds=ON_NODE),
    "secret-that-does-not-exist": Refusal(("db-password",), secret="db-password"),
    "more-memory-than-a-node-has": Refusal(("nsufficient memory",), {"resources": {"memory": "900Gi"}}),
    "node-that-does-not-exist": Refusal(("didn't match",), {"kubernetes": {"node_selector": {"disk": "ssd"}}}),
    "priority-class-that-does-not-exist": Refusal(("PriorityClass",), {"kubernetes": {"priority_class": "vip"}}),
    "account-that-does-not-exist": Refusal(("robot",), {"service_account": "robot"}),
    "forbidden-by-pod-security": Refusal(
        ("violates PodSecurity",),
        environment={"cluster": {**OURS, "pod_security": "privileged"}, "kubernetes": {"run_as_user": 0}},
        before=(RESTRICTED,),
    ),
    "quota": Refusal(
        ("exceeded quota",),
        environment={"cluster": OURS},
        before=(namespaced("Namespace", "$"), namespaced("ResourceQuota", "none", spec={"hard": {"pods": "0"}})),
    ),
}
OF_OBJECTS = {
    "namespace-of-others": Refusal(("$", "exists"), before=(namespaced("Namespace", "$"),)),
    "namespace-that-does-not-exist": Refusal(("$", "not found"), environment={"cluster": OURS}),
    "service-of-others": Refusal(
        ("web", "exists"),
        environment={"cluster": OURS},
        before=(
            namespaced("Namespace", "$"),
            namespaced("Service", "web", spec={"ports": [{"port": 80}], "selector": {"a": "b"}}),
        ),
    ),
    "gateway-without-its-api": Refusal(
        ("HTTPRoute",),
        {"public": True},
        environment={"cluster": {"gateway": "gateways/public", "ingress_host": "{app}.example.com"}},
    ),
}


def deploy(make_stack: MakeStack, refusal: Refusal) -> tuple[ClusterStack, str]:
    """Run `up`, which fails. Return what it says."""
    stack = make_stack(config=dict(refusal.config))
    stack.write({"__main__.py": refusal.program})
    stack.init()
    for body in refusal.before:
        manifest = json.dumps(body).replace('"$"', json.dumps(stack.namespace))
        place = [] if body["kind"] == "Namespace" else ["-n", stack.namespace]
        stack.cluster.kubectl("apply", *place, "-f", "-", stdin=manifest)
    preview = stack.preview()
    assert preview.code == 0, preview.text
    outcome = stack.up()
    assert outcome.code != 0, outcome.text
    return stack, outcome.text.partition("Diagnostics:")[2]


@pytest.mark.parametrize("name", [*OF_PODS, *OF_OBJECTS])
def test_the_cause_is_in_what_up_says(make_stack: MakeStack, name: str) -> None:
    refusal = {**OF_PODS, **OF_OBJECTS}[name]
    stack, text = deploy(make_stack, refusal)
    print(text)
    missing = [word for word in refusal.words if word.replace("$", stack.namespace) not in text]
    assert not missing, f"{missing} not in {text}"
    assert "Traceback" not in text
    assert stack.destroy().code == 0


# A process that runs and does not answer may merely be slow: nothing is said before the time limit is over.
@pytest.mark.parametrize(
    ("name", "is_told"), [("crash", True), ("image-that-does-not-exist", True), ("health-path-that-fails", False)]
)
def test_an_obstacle_is_told_while_up_waits(make_stack: MakeStack, name: str, *, is_told: bool) -> None:
    _, text = deploy(make_stack, replace(OF_PODS[name], seconds=80 if is_told else 40))
    assert ("the app 'web' is not ready yet" in text) is is_told, text
