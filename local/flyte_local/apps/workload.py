"""The command of an app's specification: the one container of a container or pod payload."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flyteidl2.app.app_definition_pb2 import Spec
from flyteidl2.core.security_pb2 import Secret
from google.protobuf.json_format import MessageToDict

from flyte_local.errors import InvalidAppError
from flyte_local.memory.limit import declared_memory, memory_of_pod_container

DEFAULT_PORT = 8080
HEALTH_PATH_VARIABLE = "FLYTE_HEALTH_PATH"
HEALTH_TIMEOUT_VARIABLE = "FLYTE_HEALTH_TIMEOUT"
_BUNDLE_OPTIONS = ("--tgz", "--pkl")


@dataclass(frozen=True)
class Workload:
    """A command, and how to know that it is ready. `argv` is Kubernetes' command followed by its args.

    `memory` is the declared memory of one replica, a Kubernetes quantity, or ''.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    image: str = ""
    memory: str = ""
    port: int = DEFAULT_PORT
    secrets: tuple[Secret, ...] = field(default=())
    request_timeout: float = 300.0

    @property
    def health_path(self) -> str | None:
        """The path to ask for readiness; None means that an accepted TCP connection is enough."""
        return self.environment.get(HEALTH_PATH_VARIABLE) or None

    @property
    def health_timeout(self) -> float | None:
        """Seconds that the app itself asks to be given before it counts as not healthy."""
        try:
            return float(self.environment[HEALTH_TIMEOUT_VARIABLE])
        except (KeyError, ValueError):
            return None


def workload(spec: Spec) -> Workload:
    """Return the workload of a payload. Raises InvalidAppError if a process cannot run it."""
    payload = spec.WhichOneof("app_payload")
    if payload == "container":
        container = spec.container
        argv = (*container.command, *container.args)
        environment = {pair.key: pair.value for pair in container.env}
        ports = [port.container_port for port in container.ports]
        image, memory = container.image, declared_memory(container.resources)
    elif payload == "pod":
        try:
            pod = _primary_container(MessageToDict(spec.pod.pod_spec), spec.pod.primary_container_name or "app")
            argv = (*pod.get("command", ()), *pod.get("args", ()))
            environment = {str(e["name"]): str(e["value"]) for e in pod.get("env", ()) if "name" in e and "value" in e}
            ports = [int(port["containerPort"]) for port in pod.get("ports", ()) if "containerPort" in port]
            memory = memory_of_pod_container(pod)
        except (TypeError, ValueError, AttributeError, OverflowError):
            # A pod is a Struct: any JSON.
            raise InvalidAppError("the app's pod is not one of Kubernetes: see its command, args, env, ports") from None
        image = str(pod.get("image", ""))
    else:
        raise InvalidAppError("the app has neither a container nor a pod: set one of them")
    if not argv:
        raise InvalidAppError(
            "the app has no command: an image's own entrypoint cannot run without a container runtime, so set "
            "command or args (on this platform apps run as processes)"
        )
    timeout = spec.timeouts.request_timeout.ToTimedelta().total_seconds()
    return Workload(
        argv=tuple(str(part) for part in argv),
        environment=environment,
        image=image,
        memory=memory,
        port=next((port for port in ports if port), DEFAULT_PORT),
        secrets=tuple(spec.security_context.secrets),
        request_timeout=timeout or 300.0,
    )


def _primary_container(pod_spec: dict[str, Any], primary: str) -> dict[str, Any]:
    containers = [c for c in pod_spec.get("containers", ()) if isinstance(c, dict)]
    if not containers:
        raise InvalidAppError("the app's pod has no containers: give it one named 'app'")
    return next((c for c in containers if c.get("name") == primary), containers[0])


def bundle_of(argv: tuple[str, ...]) -> Path | None:
    """Return the code bundle of this machine that the command names, or None if it names none."""
    for option, value in itertools.pairwise(argv):
        if option in _BUNDLE_OPTIONS and value.startswith(("file://", "/")) and "\0" not in value:
            return Path(value.removeprefix("file://"))
    return None
