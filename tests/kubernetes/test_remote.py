"""Components that the plugin makes for other languages: on a cluster, too, they are those of a direct import."""

from __future__ import annotations

from collections.abc import Callable

from tests.kubernetes.cluster.images import BASE_IMAGE
from tests.kubernetes.stack import ClusterStack

COMMAND = ["python3", "-m", "http.server", "8080"]
PROVIDER = """\
import os
import pulumi
import pulumi_kubernetes as k8s

# Its kubeconfig is known when `up` runs, as that of a cluster which the same program makes.
kubeconfig = pulumi.Output.from_input(os.environ["KUBECONFIG"])
cluster = k8s.Provider("cluster", kubeconfig=kubeconfig)
here = pulumi.ResourceOptions(providers=[cluster])
"""
DIRECT = f"""\
{PROVIDER}
from pulumi_flyte import App, Environment, Secret

shop = Environment("shop", kubernetes={{"labels": {{"team": "search"}}}}, opts=here)
key = Secret("key", environment=shop, value=pulumi.Output.secret("hunter2"))
back = App("back", environment=shop, image="{BASE_IMAGE}", command={COMMAND})
App(
    "web",
    environment=shop,
    image="{BASE_IMAGE}",
    command={COMMAND},
    inputs={{"back": back}},
    secrets={{"KEY": key}},
    kubernetes={{"run_as_user": 1000}},
)
"""
REMOTE = f"""\
{PROVIDER}

class Remote(pulumi.ComponentResource):
    def __init__(self, kind, name, props, outputs):
        properties = {{**props, **dict.fromkeys(outputs)}}
        options = pulumi.ResourceOptions.merge(here, pulumi.ResourceOptions(version="0.1.0"))
        super().__init__(f"flyte:index:{{kind}}", name, properties, options, remote=True)

shop = Remote("Environment", "shop", {{"kubernetes": {{"labels": {{"team": "search"}}}}}}, ["settings"])
place = {{"environment": shop.settings}}
key = Remote("Secret", "key", {{**place, "value": pulumi.Output.secret("hunter2")}}, ["link"])
back = Remote("App", "back", {{**place, "image": "{BASE_IMAGE}", "command": {COMMAND}}}, ["link"])
Remote(
    "App",
    "web",
    {{
        **place,
        "image": "{BASE_IMAGE}",
        "command": {COMMAND},
        "inputs": {{"back": back.link}},
        "secrets": {{"KEY": key.link}},
        "kubernetes": {{"runAsUser": 1000}},
    }},
    ["link"],
)
"""

SHARED = f"""\
import pulumi

class Remote(pulumi.ComponentResource):
    def __init__(self, kind, name, props, outputs):
        options = pulumi.ResourceOptions(version="0.1.0")
        super().__init__(f"flyte:index:{{kind}}", name, {{**props, **dict.fromkeys(outputs)}}, options, remote=True)

shop = Remote("Environment", "shop", {{"cluster": {{"createNamespace": False}}}}, ["settings"])
place = {{"environment": shop.settings, "image": "{BASE_IMAGE}", "command": {COMMAND}}}
back = Remote("App", "back", place, ["link"])
Remote("App", "web", {{**place, "inputs": {{"back": back.link}}}}, ["link"])
"""


# In a plugin nothing else guards a namespace that somebody else has made, so the annotation `patchForce` is Python's.
NAMESPACE = {"kubernetes:core/v1:Namespace::shop"}


def test_a_stack_moves_between_direct_and_remote_components_and_no_pod_changes(
    make_stack: Callable[..., ClusterStack],
) -> None:
    stack = make_stack()
    stack.write({"__main__.py": DIRECT})
    stack.init()
    first = stack.preview()
    assert first.code == 0, first.text
    deployed = stack.up()
    assert (deployed.code, deployed.changed) == (0, first.changed), deployed.text
    assert {pod["metadata"]["labels"]["app.kubernetes.io/name"] for pod in stack.pods()} == {"back", "web"}
    stack.write({"__main__.py": REMOTE})
    remote = stack.preview("--diff")
    assert (remote.code, remote.changed) == (0, NAMESPACE), remote.text
    moved = stack.up()
    assert (moved.code, moved.changed) == (0, NAMESPACE), moved.text
    again = stack.preview()
    assert (again.code, again.changed) == (0, set()), again.text
    assert stack.destroy().code == 0
    assert stack.objects() == set()


def test_remote_components_share_a_namespace_and_take_over_nothing(make_stack: Callable[..., ClusterStack]) -> None:
    stack = make_stack()
    stack.write({"__main__.py": SHARED})
    stack.init()
    here = ("-n", stack.namespace)
    stack.cluster.kubectl("create", "namespace", stack.namespace)
    stack.cluster.kubectl("create", "service", "clusterip", "web", "--tcp=80", *here)
    assert stack.preview().code == 0
    refused = stack.up()
    print(refused.text)
    assert refused.code != 0
    assert "the Service 'web' exists already, and something else has made it" in refused.text, refused.text
    assert "Traceback" not in refused.text

    stack.cluster.kubectl("delete", "service", "web", *here)
    stack.cluster.kubectl("create", "configmap", "theirs", *here)
    deployed = stack.up()
    assert deployed.code == 0, deployed.text
    again = stack.up()
    assert (again.code, again.changed) == (0, set()), again.text
    assert stack.destroy().code == 0
    assert stack.objects() == set()
    assert stack.cluster.kubectl("get", "configmap", "theirs", "-o", "name", *here).strip() == "configmap/theirs"
