"""The reasons of a failed rollout. The objects are those that Kubernetes 1.34 returned for such apps."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_flyte.platforms.kubernetes.failures import conflict, rollout_reasons

PULL = 'failed to resolve reference "localhost:5000/base:nothere": localhost:5000/base:nothere: not found'
QUOTA = 'pods "web-7c957dfdbf-mscvn" is forbidden: exceeded quota: q'
NO_ROOM = "0/1 nodes are available: 1 Insufficient cpu."


def pod(
    *containers: dict[str, Any], name: str = "web-2-a", revision: str = "2", conditions: Any = (), at: str = "2"
) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "creationTimestamp": at, "labels": {"pod-template-hash": revision}},
        "status": {"conditions": list(conditions), "containerStatuses": list(containers)},
    }


def waiting(reason: str, text: str = "", /, **last: Any) -> dict[str, Any]:
    state = {"waiting": {"reason": reason, "message": text}}
    return {"ready": False, "state": state, **({"lastState": {"terminated": last}} if last else {})}


def event(message: str, name: str = "web-2-a") -> dict[str, Any]:
    return {"type": "Warning", "reason": "Unhealthy", "message": message, "involvedObject": {"name": name}}


DIED = waiting("CrashLoopBackOff", "back-off 20s", exitCode=1, reason="Error", message="line one\ncannot open model\n")
FAILED_REPLICA = {"status": {"conditions": [{"type": "ReplicaFailure", "status": "True", "message": QUOTA}]}}
UNSCHEDULED = {"type": "PodScheduled", "status": "False", "message": NO_ROOM}


@pytest.mark.parametrize(
    ("deployment", "pods", "events", "words"),
    [
        ({}, [pod(waiting("ErrImagePull", PULL))], [], PULL),
        ({}, [pod(DIED)], [], "its process ended with 1; its last lines:\n    line one\n    cannot open model"),
        ({}, [pod(waiting("CrashLoopBackOff", exitCode=137, reason="OOMKilled"))], [], "needs more memory"),
        ({}, [pod(conditions=[UNSCHEDULED])], [], f"no node can run it: {NO_ROOM}"),
        ({}, [pod(waiting("CreateContainerConfigError", 'secret "db" not found'))], [], 'secret "db" not found'),
        (FAILED_REPLICA, [], [], QUOTA),
        (
            {},
            [pod({"ready": False, "state": {"running": {}}})],
            [event("Startup probe failed: HTTP probe failed with statuscode: 404")],
            "its health check fails: Startup probe failed",
        ),
    ],
    ids=["image", "crash", "memory", "no room", "secret", "quota", "probe"],
)
def test_the_reason_is_said(deployment: Any, pods: Any, events: Any, words: str) -> None:
    (reason,) = rollout_reasons(deployment, pods, events)
    assert words in reason


def test_two_pods_with_one_reason_say_it_once() -> None:
    assert len(rollout_reasons({}, [pod(DIED), pod(DIED, name="web-2-b")], [])) == 1


def test_pods_of_the_former_revision_say_nothing() -> None:
    former = pod(DIED, name="web-1-a", revision="1", at="1")
    assert rollout_reasons({}, [former, pod(waiting("ContainerCreating"))], [event("old", "web-1-a")]) == []


def test_only_the_last_lines_are_shown() -> None:
    long = waiting("CrashLoopBackOff", exitCode=1, reason="Error", message="\n".join(map(str, range(100))))
    (reason,) = rollout_reasons({}, [pod(long)], [])
    assert len(reason.splitlines()) == 11
    assert reason.endswith("99")


def test_a_conflict_names_the_object_and_the_way_out() -> None:
    error = 'Apply failed with 1 conflict: conflict with "kubectl-create" using apps/v1: .spec.replicas'
    assert "adopt=True" in str(conflict("Deployment", "web", error))
    assert conflict("Deployment", "web", "connection refused") is None


REFUSED = "Startup probe failed: HTTP probe failed with statuscode: 404"
KILLED = waiting("CrashLoopBackOff", exitCode=137, reason="Error", message="GET /ready 404\n")
PROBED = {"name": "app", "startupProbe": {"httpGet": {"path": "/ready", "port": "http"}}}
ASKING = {"spec": {"template": {"spec": {"containers": [PROBED]}}}}


def test_a_failing_health_path_is_said_before_the_exit_code_that_it_leads_to() -> None:
    killing = {**event("Container app failed startup probe, will be restarted"), "reason": "Killing"}
    probe, end = rollout_reasons(ASKING, [pod(KILLED)], [event(REFUSED), killing])
    assert probe.endswith(f"{REFUSED} to GET /ready: pass health= with a path that answers 2xx")
    assert end.startswith("its process ended with 137")


def test_a_process_that_ends_by_itself_is_no_matter_of_its_health_check() -> None:
    killing = {**event("Container app failed startup probe, will be restarted", "other"), "reason": "Killing"}
    (reason,) = rollout_reasons(ASKING, [pod(DIED)], [event("Startup probe failed: connection refused"), killing])
    assert reason.startswith("its process ended with 1")


@pytest.mark.parametrize(
    ("message", "todo"),
    [
        ('secret "db" not found', "Make it there, or pass value="),
        ("couldn't find key value in Secret shop/db", "Secret(existing=True, entry=…) says which entry is read"),
        ('configmap "db" not found', 'configmap "db" not found'),
    ],
)
def test_a_secret_that_is_not_there_says_what_to_do(message: str, todo: str) -> None:
    (reason,) = rollout_reasons({}, [pod(waiting("CreateContainerConfigError", message))], [])
    assert message in reason
    assert reason.endswith(todo)
