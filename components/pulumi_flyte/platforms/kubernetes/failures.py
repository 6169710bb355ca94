"""The reasons why an object could not be made or did not become ready, as a person needs them. Pure.

The objects are as the API returns them, in JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

_HASH = "pod-template-hash"
_LINES = 10
# States on the way, which say nothing of what is wrong.
_UNDER_WAY = ("ContainerCreating", "PodInitializing")


def conflict(kind: str, name: str, error: str) -> str | None:
    """Return a better message for a conflict of server-side apply, or None for any other error."""
    if "conflict with" not in error:
        return None
    return (
        f"the {kind} {name!r} has fields that something else manages. Pass adopt=True to take them over, or leave them"
        " to it: kubectl shows who does, with --show-managed-fields"
    )


def rollout_reasons(deployment: Mapping[str, Any], pods: Sequence[Mapping[str, Any]], events: Any) -> list[str]:
    """Return why the newest pods of a Deployment are not ready, each reason once.

    events: those of the namespace.
    """
    newest = _newest(pods)
    names = {pod["metadata"]["name"] for pod in newest}
    reasons = [*_of_deployment(deployment), *(reason for pod in newest for reason in _of_pod(pod))]
    if not reasons:
        unhealthy = [each for each in events if each.get("reason") == "Unhealthy"]
        reasons = [_probe(each.get("message", "")) for each in unhealthy if each["involvedObject"].get("name") in names]
    return list(dict.fromkeys(reasons))


def _newest(pods: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the pods of the revision that is rolled out."""
    if not pods:
        return []
    latest = max(pods, key=lambda pod: str(pod["metadata"]["creationTimestamp"]))
    revision = latest["metadata"]["labels"].get(_HASH)
    return [pod for pod in pods if pod["metadata"]["labels"].get(_HASH) == revision]


def _of_deployment(deployment: Mapping[str, Any]) -> Iterator[str]:
    for condition in _conditions(deployment):
        if condition["type"] == "ReplicaFailure" and condition["status"] == "True":
            yield f"no pod could be made: {condition.get('message', '')}"


def _of_pod(pod: Mapping[str, Any]) -> Iterator[str]:
    for condition in _conditions(pod):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            yield f"no node can run it: {condition.get('message', '')}"
    for container in pod.get("status", {}).get("containerStatuses") or ():
        if not container.get("ready"):
            yield from _of_container(container)


def _of_container(container: Mapping[str, Any]) -> Iterator[str]:
    ended = container.get("lastState", {}).get("terminated") or container.get("state", {}).get("terminated")
    waiting = container.get("state", {}).get("waiting")
    if ended:
        yield _end(ended)
    elif waiting and waiting.get("reason") not in _UNDER_WAY:
        yield f"{waiting.get('reason')}: {waiting.get('message', '')}"


def _end(ended: Mapping[str, Any]) -> str:
    how = f"its process ended with {ended['exitCode']}"
    if ended.get("reason") == "OOMKilled":
        how = "it needs more memory than its limit"
    lines = str(ended.get("message") or "").strip().splitlines()[-_LINES:]
    return "\n".join([f"{how}{'; its last lines:' if lines else ''}", *(f"    {line}" for line in lines)])


def _probe(message: str) -> str:
    return f"it runs, and its health check fails: {message}"


def _conditions(item: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return item.get("status", {}).get("conditions") or ()
