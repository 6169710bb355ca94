"""The reasons why an object could not be made or did not become ready, as a person needs them. Pure.

The objects are as the API returns them, in JSON.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

_HASH = "pod-template-hash"
_LINES = 10
# States on the way, which say nothing of what is wrong.
_UNDER_WAY = ("ContainerCreating", "PodInitializing")
_NO_SECRET = ": Secret(existing=True) expects it in the namespace of the app. Make it there, or pass value="
_NO_ENTRY = ": Secret(existing=True, entry=…) says which entry is read"


def conflict(kind: str, name: str, error: str) -> str | None:
    """Return a better message for a conflict of server-side apply, or None for any other error."""
    if "conflict with" not in error:
        return None
    return (
        f"the {kind} {name!r} has fields that something else manages. Pass adopt=True to take them over, or leave them"
        " to it: kubectl shows who does, with --show-managed-fields"
    )


def missing_secret(name: str, namespace: str) -> str:
    """Return the message about a Secret that others keep, and that is not there."""
    return f"there is no Secret {name!r} in the namespace {namespace!r}{_NO_SECRET}"


def missing_entry(name: str, entry: str, entries: Collection[str]) -> str:
    """Return the message about a Secret that others keep, and that has not the entry which is read."""
    there = ", ".join(sorted(entries)) or "none"
    return f"the Secret {name!r} has no entry {entry!r} (it has {there}){_NO_ENTRY}"


def rollout_reasons(deployment: Mapping[str, Any], pods: Sequence[Mapping[str, Any]], events: Any) -> list[str]:
    """Return why the newest pods of a Deployment are not ready, each reason once.

    events: those of the namespace.
    """
    names = {pod["metadata"]["name"] for pod in _newest(pods)}
    reasons = obstacles(deployment, pods)
    # A node ends a container whose health check fails: then its exit code, 137, is not the reason.
    if not reasons or any(_is_end_by_probe(event) for event in _of_pods(events, names)):
        unhealthy = [each for each in _of_pods(events, names) if each.get("reason") == "Unhealthy"]
        reasons = [*(_probe(each.get("message", ""), _health_path(deployment)) for each in unhealthy), *reasons]
    return list(dict.fromkeys(reasons))


def obstacles(deployment: Mapping[str, Any], pods: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what keeps the newest pods of a Deployment from running, each reason once. A pod that runs and does not
    answer yet may merely be slow."""
    return list(
        dict.fromkeys([*_of_deployment(deployment), *(reason for pod in _newest(pods) for reason in _of_pod(pod))])
    )


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
        message = waiting.get("message") or ""
        yield f"{waiting.get('reason')}: {message}{_way_out(message)}"


def _way_out(message: str) -> str:
    """Return what to do about a container that could not be made, if that is known."""
    if message.startswith("secret ") and message.endswith(" not found"):
        return _NO_SECRET
    if message.startswith("couldn't find key"):
        return _NO_ENTRY
    return ""


def _end(ended: Mapping[str, Any]) -> str:
    how = f"its process ended with {ended['exitCode']}"
    if ended.get("reason") == "OOMKilled":
        how = "it needs more memory than its limit"
    lines = str(ended.get("message") or "").strip().splitlines()[-_LINES:]
    return "\n".join([f"{how}{'; its last lines:' if lines else ''}", *(f"    {line}" for line in lines)])


def _of_pods(events: Iterable[Mapping[str, Any]], names: Collection[str]) -> Iterator[Mapping[str, Any]]:
    return (event for event in events if event["involvedObject"].get("name") in names)


def _is_end_by_probe(event: Mapping[str, Any]) -> bool:
    return event.get("reason") == "Killing" and " probe" in (event.get("message") or "")


def _health_path(deployment: Mapping[str, Any]) -> str | None:
    """Return the path that the health check asks for, or None if it opens a connection only."""
    pod = deployment.get("spec", {}).get("template", {}).get("spec", {})
    paths = (each.get("startupProbe", {}).get("httpGet", {}).get("path") for each in pod.get("containers") or ())
    return next((path for path in paths if path is not None), None)


def _probe(message: str, path: str | None) -> str:
    answered = path is not None and "statuscode" in message
    todo = f" to GET {path}: pass health= with a path that answers 2xx" if answered else ""
    return f"it runs, and its health check fails: {message}{todo}"


def _conditions(item: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return item.get("status", {}).get("conditions") or ()
