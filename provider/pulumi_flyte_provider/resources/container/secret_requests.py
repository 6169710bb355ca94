"""The secrets that a container gets, as variables or files.

Sources: flyte-sdk `_secret.py`, `_internal/runtime/task_serde.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from flyteidl2.core import security_pb2
from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.properties.field_types import SecretName, SecretVariable
from pulumi_flyte_provider.properties.shape import Shape, optional_field, required_field
from pulumi_flyte_provider.properties.values import UNKNOWN, Properties

SECRET_MOUNT = "/etc/flyte/secrets"


class SecretRequest(Shape):
    """A secret that a container gets, as a variable unless `mount` is given."""

    key: SecretName = required_field("The secret's name.")
    group: SecretName | None = optional_field("The group that prefixes the key.")
    env_var: SecretVariable | None = optional_field("The variable; by default the upper-cased `GROUP_KEY`.")
    mount: Literal["/etc/flyte/secrets"] | None = optional_field(f"Mounts a file below `{SECRET_MOUNT}` instead.")

    @property
    def variable(self) -> str | None:
        """The environment variable, or None for a file."""
        if self.mount is not None and self.env_var is None:
            return None
        joined = f"{self.group}_{self.key}" if self.group else self.key
        return self.env_var or joined.replace("-", "_").upper()


def write(requests: Sequence[SecretRequest]) -> list[security_pb2.Secret]:
    """Return the requests as messages of the API."""
    return [
        security_pb2.Secret(
            group=request.group or "",
            key=request.key,
            env_var=request.variable,
            mount_requirement=security_pb2.Secret.ENV_VAR if request.variable else security_pb2.Secret.FILE,
        )
        for request in requests
    ]


def read(secrets: Iterable[security_pb2.Secret]) -> list[dict[str, Any]]:
    """Return the properties for these messages."""
    requests: list[dict[str, Any]] = []
    for secret in secrets:
        request: dict[str, Any] = {"key": secret.key}
        if secret.group:
            request["group"] = secret.group
        if secret.env_var:
            request["envVar"] = secret.env_var
        elif secret.mount_requirement == security_pb2.Secret.FILE:
            request["mount"] = SECRET_MOUNT
        requests.append(request)
    return requests


def check_variables(revealed: Properties, problems: Problems) -> None:
    """Refuse a variable with two sources, because the platform would decide which of them wins."""
    requests, declared = revealed.get("secrets"), revealed.get("env")
    variables: set[str] = set(declared) if isinstance(declared, dict) else set()
    for index, request in enumerate(requests if isinstance(requests, list) else ()):
        if not isinstance(request, dict) or UNKNOWN in request.values():
            continue
        try:
            variable = SecretRequest.model_validate(request).variable
        except ValueError:
            continue
        if variable in variables:
            problems.add(f"secrets[{index}]", f"the variable {variable} is set twice: give envVar another name")
        elif variable is not None:
            variables.add(variable)
