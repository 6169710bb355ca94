"""A kubeconfig that may not do everything: the message says what is missing, and nothing is asked for in vain."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import yaml

from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.stack import ClusterStack

PROGRAM = """
from pulumi_flyte import App, Environment, Secret

shop = Environment("shop", cluster={{"create_namespace": {makes_namespace}}})
App(
    "web",
    environment=shop,
    image="localhost:5000/base:1",
    command=["python3", "-m", "http.server", "8080", "--directory", "/etc"],
    secrets={{"KEY": Secret("key", environment=shop, existing=True, name="key")}},
)
"""
READ = ["get", "list", "watch"]
WRITE = [*READ, "create", "update", "patch", "delete"]
OBJECTS = [
    {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": WRITE},
    {"apiGroups": [""], "resources": ["services", "serviceaccounts"], "verbs": WRITE},
    {"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": WRITE},
]
# No Secrets and no events: those that the app reads are others', and the pods say more.
LEAST = [
    *OBJECTS,
    {"apiGroups": ["apps"], "resources": ["replicasets"], "verbs": READ},
    {"apiGroups": [""], "resources": ["pods", "persistentvolumeclaims"], "verbs": READ},
]


def kubeconfig_of_account(cluster: Cluster, stack: ClusterStack, rules: Sequence[dict[str, Any]]) -> str:
    """Make an account with these rights in the namespace of the stack. Return the path of a kubeconfig for it."""
    here = ("-n", stack.namespace)
    cluster.kubectl("create", "serviceaccount", "robot", *here)
    role = {"kind": "Role", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "robot"}, "rules": rules}
    cluster.kubectl("apply", *here, "-f", "-", stdin=json.dumps(role))
    subject = f"--serviceaccount={stack.namespace}:robot"
    cluster.kubectl("create", "rolebinding", "robot", "--role=robot", subject, *here)
    token = cluster.kubectl("create", "token", "robot", *here).strip()
    kubeconfig = yaml.safe_load((cluster.home.conf / "kubeconfig").read_text())
    for user in kubeconfig["users"]:
        user["user"] = {"token": token}
    file = stack.base / "robot.yaml"
    file.write_text(yaml.safe_dump(kubeconfig))
    return str(file)


def make(make_stack: Callable[..., ClusterStack], cluster: Cluster, rules: Sequence[dict[str, Any]]) -> ClusterStack:
    """Make a namespace, and a stack that deploys with the rights of an account in it."""
    stack = make_stack()
    stack.init()
    cluster.kubectl("create", "namespace", stack.namespace)
    cluster.kubectl("create", "secret", "generic", "key", "--from-literal=value=abc", "-n", stack.namespace)
    stack.configure({"kubernetes:kubeconfig": kubeconfig_of_account(cluster, stack, rules)})
    return stack


def write(stack: ClusterStack, *, makes_namespace: bool = False) -> None:
    stack.write({"__main__.py": PROGRAM.format(makes_namespace=makes_namespace)})


@pytest.mark.parametrize(
    ("rules", "makes_namespace", "words"),
    [
        ([], True, ("the Namespace ", "it answers Forbidden")),
        ([], False, ("the ServiceAccount 'web'", "it answers Forbidden")),
        (OBJECTS, False, ("may not list and watch replicasets.apps, pods, persistentvolumeclaims", "Role")),
    ],
    ids=["no-right", "no-right-in-a-namespace-of-others", "no-right-to-watch"],
)
def test_a_right_that_is_missing_is_named_at_once(
    make_stack: Callable[..., ClusterStack],
    cluster: Cluster,
    rules: Sequence[dict[str, Any]],
    *,
    makes_namespace: bool,
    words: Sequence[str],
) -> None:
    stack = make(make_stack, cluster, rules)
    write(stack, makes_namespace=makes_namespace)
    outcome = stack.up()
    print(outcome.text)
    assert outcome.code != 0
    assert not [word for word in words if word not in outcome.text], outcome.text
    assert "Traceback" not in outcome.text
    assert stack.destroy().code == 0
    assert stack.objects() == set()


def test_the_rights_of_the_docs_are_enough(make_stack: Callable[..., ClusterStack], cluster: Cluster) -> None:
    stack = make(make_stack, cluster, LEAST)
    write(stack)
    outcome = stack.up()
    assert outcome.code == 0, outcome.text
    again = stack.up()
    assert (again.code, again.changed) == (0, set()), again.text
    assert stack.destroy().code == 0
    assert stack.objects() == set()
