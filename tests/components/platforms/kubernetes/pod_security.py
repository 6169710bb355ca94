"""The Pod Security Standard `restricted`, as the API server's admission checks it.

Source: kubernetes.io/docs/concepts/security/pod-security-standards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_VOLUMES = {
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral"),
    *("persistentVolumeClaim", "projected", "secret"),
}
_PROFILES = ("RuntimeDefault", "Localhost")


def violations(pod: Mapping[str, Any]) -> list[str]:
    """Return what admission would refuse in the spec of a pod."""
    return [*_of_pod(pod), *(text for container in pod["containers"] for text in _of_container(container, pod))]


def _of_pod(pod: Mapping[str, Any]) -> Iterator[str]:
    for host in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(host):
            yield host
    for volume in pod.get("volumes", ()):
        kinds = set(volume) - {"name"}
        if not kinds <= _VOLUMES:
            yield f"volume {volume['name']}: {kinds}"
    if pod["securityContext"].get("runAsUser") == 0:
        yield "runAsUser of the pod"


def _of_container(container: Mapping[str, Any], pod: Mapping[str, Any]) -> Iterator[str]:
    context, shared = container.get("securityContext", {}), pod.get("securityContext", {})
    if context.get("privileged"):
        yield "privileged"
    if context.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation"
    if context.get("capabilities", {}).get("drop") != ["ALL"]:
        yield "capabilities.drop"
    if set(context.get("capabilities", {}).get("add", ())) - {"NET_BIND_SERVICE"}:
        yield "capabilities.add"
    if not context.get("runAsNonRoot", shared.get("runAsNonRoot")):
        yield "runAsNonRoot"
    if context.get("runAsUser", shared.get("runAsUser")) == 0:
        yield "runAsUser"
    if context.get("seccompProfile", shared.get("seccompProfile", {})).get("type") not in _PROFILES:
        yield "seccompProfile"
    if any(port.get("hostPort") for port in container.get("ports", ())):
        yield "hostPort"
