"""The command of an app's specification: its container, or the primary container of its pod."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flyteidl2.app.app_definition_pb2 import Spec
from flyteidl2.core.security_pb2 import Secret
from flyteidl2.core.tasks_pb2 import Container

from flyte_local.errors import InvalidAppError
from flyte_local.wire.containers import bundle_uri, command_of, declared_memory, primary_container, variables_of

DEFAULT_PORT = 8080
HEALTH_PATH_VARIABLE = "FLYTE_HEALTH_PATH"
HEALTH_TIMEOUT_VARIABLE = "FLYTE_HEALTH_TIMEOUT"


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
        """The app's own time limit in seconds until it must be healthy, or None."""
        try:
            return float(self.environment[HEALTH_TIMEOUT_VARIABLE])
        except (KeyError, ValueError):
            return None


def workload(spec: Spec) -> Workload:
    """Return the workload of a payload. Raises InvalidAppError if a process cannot run it."""
    container = _container(spec)
    argv = command_of(container)
    if not argv:
        raise InvalidAppError(
            "the app has no command: on this platform apps run as processes, so an image's own entrypoint cannot run. "
            "Set command or args"
        )
    ports = [port.container_port for port in container.ports if port.container_port]
    timeout = spec.timeouts.request_timeout.ToTimedelta().total_seconds()
    return Workload(
        argv=tuple(argv),
        environment=variables_of(container),
        image=container.image,
        memory=declared_memory(container.resources),
        port=ports[0] if ports else DEFAULT_PORT,
        secrets=tuple(spec.security_context.secrets),
        request_timeout=timeout or 300.0,
    )


def _container(spec: Spec) -> Container:
    payload = spec.WhichOneof("app_payload")
    if payload == "container":
        return spec.container
    if payload != "pod":
        raise InvalidAppError("the app has neither a container nor a pod: set one of them")
    try:
        return primary_container(spec.pod, "app")
    except ValueError as error:
        raise InvalidAppError(f"the app's pod {error}") from None


def bundle_of(argv: Sequence[str]) -> Path | None:
    """Return the code bundle of this machine that the command names, or None if it names none."""
    uri = bundle_uri(argv)
    is_here = uri.startswith(("file://", "/")) and "\0" not in uri
    return Path(uri.removeprefix("file://")) if is_here else None
