"""The container of a pod, which is any JSON, and what containers declare."""

from __future__ import annotations

import pytest
from flyte_local.wire.containers import declared_memory, primary_container, variables_of
from flyteidl2.core.tasks_pb2 import Container, K8sPod, Resources


def container(spec: dict[str, object], name: str = "") -> Container:
    pod = K8sPod(primary_container_name=name)
    pod.pod_spec.update(spec)
    return primary_container(pod, "app")


def test_the_primary_container_of_a_pod_reads_as_one_without_a_pod() -> None:
    main = {
        "name": "main",
        "image": "image",
        "command": ["serve"],
        "args": ["--port", "8080"],
        "env": [{"name": "A", "value": "1"}, {"name": "B", "valueFrom": {}}],
        "ports": [{"containerPort": 8080}],
    }
    made = container({"containers": [{"name": "sidecar"}, main]}, "main")
    assert (made.image, list(made.command), list(made.args)) == ("image", ["serve"], ["--port", "8080"])
    assert [port.container_port for port in made.ports] == [8080]
    assert variables_of(made) == {"A": "1"}
    assert container({"containers": [main]}).image == "image"


@pytest.mark.parametrize(
    "spec",
    [
        {"containers": 1},
        {"containers": [{"command": None}]},
        {"containers": [{"env": 1}]},
        {"containers": [{"ports": [1]}]},
        {"containers": [{"ports": [{"containerPort": -1}]}]},
        {"containers": [{"ports": [{"containerPort": "http"}]}]},
    ],
)
def test_other_json_is_refused(spec: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"^is not one of Kubernetes: see its command"):
        container(spec)


@pytest.mark.parametrize("spec", [{}, {"containers": []}, {"containers": ["app"]}])
def test_a_pod_without_containers_is_refused(spec: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"^has no containers: give it one named 'app'"):
        container(spec)


def test_a_request_counts_as_a_limit_where_there_is_none() -> None:
    resources = Resources()
    assert declared_memory(resources) == ""
    resources.requests.add(name=Resources.CPU, value="2")
    resources.requests.add(name=Resources.MEMORY, value="1Gi")
    assert declared_memory(resources) == "1Gi"
    resources.limits.add(name=Resources.MEMORY, value="2Gi")
    assert declared_memory(resources) == "2Gi"


def test_a_pods_container_declares_memory_in_the_same_way() -> None:
    def memory(resources: object) -> str:
        return declared_memory(container({"containers": [{"resources": resources}]}).resources)

    assert memory({"requests": {"memory": "1Gi"}}) == "1Gi"
    assert memory({"requests": {"memory": "1Gi"}, "limits": {"memory": "2Gi"}}) == "2Gi"
    others: list[object] = [{}, None, [], {"limits": "all"}]
    assert [memory(other) for other in others] == [""] * 4
