"""The contract between components and the runtime: variables that a component writes and the runtime reads.

A container that pulumi-flyte deploys has

- one variable per wired alias (`variable_name(alias)`): an app's internal URL, a task's
  `project/domain/name@version` (without `@version`: the latest), or the plain string;
- `FLYTE_WIRING`: this module's `Wiring` as JSON;
- the variables that `flyte.init_in_cluster()` reads (`RESERVED_VARIABLES`).

The wiring never holds a secret's value. It holds the name of the variable that has the value.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

WIRING_VARIABLE = "FLYTE_WIRING"
HEALTH_PATH_VARIABLE = "FLYTE_HEALTH_PATH"
HEALTH_TIMEOUT_VARIABLE = "FLYTE_HEALTH_TIMEOUT"
# Set if the app was declared with requires_auth=True. The spec's field cannot show it: True is also its default.
AUTH_VARIABLE = "FLYTE_REQUIRES_AUTH"
# Carries an edge's credential. It is not `Authorization`, so that an application can use that header itself.
CREDENTIAL_HEADER = "Flyte-Caller-Token"
CREDENTIAL_ISSUER = "pulumi-flyte"
DEFAULT_HEALTH_PATH = "/healthz"
# `1` adds the older spellings of Flyte's SDK (flyte_runtime.compat). Users may set it.
COMPAT_VARIABLE = "FLYTE_RUNTIME_COMPAT"
# Turns off the error reports that Flyte's SDK sends to its makers (flyte/_sentry.py). `false` allows the reports.
TELEMETRY_VARIABLE = "FLYTE_DISABLE_TELEMETRY"
# A folder for state that outlives a process, but not the platform that it runs on. Default: the temporary folder.
STATE_FOLDER_VARIABLE = "FLYTE_STATE_FOLDER"
# The API key with which a container logs in to Flyte: base64 of endpoint:client_id:client_secret:org. Flyte's SDK reads
# it in a container (flyte/_initialize.py, init_in_cluster). The endpoint in it wins over _U_EP_OVERRIDE.
API_KEY_VARIABLE = "_UNION_EAGER_API_KEY"

# The steps in which a container ends, in seconds:
# 1. Kubernetes runs preStop, which sleeps (lifecycle.preStop.sleep, whole seconds). Meanwhile every node learns that
#    the pod takes no new connections.
# 2. Kubernetes sends the stop signal. For DRAIN_DELAY, `rt.serve` still takes requests on open connections, so that
#    clients can move to another pod.
# 3. `rt.serve` ends within DRAIN, counted from the signal.
# The grace period is long enough for all steps, and for `rt.serve` to end a process that hangs.
PRE_STOP_DELAY = 5
DRAIN_DELAY = 5
DRAIN = 25
GRACE_PERIOD = 35
_AFTER_DRAIN = GRACE_PERIOD - PRE_STOP_DELAY - DRAIN
# Overrides DRAIN, in seconds. Set if the grace period is not the default.
DRAIN_VARIABLE = "FLYTE_DRAIN"
# Overrides DRAIN_DELAY, in seconds. Users may set it.
DRAIN_DELAY_VARIABLE = "FLYTE_DRAIN_DELAY"

# Flyte's SDK reads these in a container (flyte/_initialize.py, flyte/app/_app_environment.py).
FLYTE_VARIABLES = frozenset(
    {
        "_U_EP_OVERRIDE",
        "_U_INSECURE",
        "_U_ORG_NAME",
        "FLYTE_INTERNAL_EXECUTION_PROJECT",
        "FLYTE_INTERNAL_EXECUTION_DOMAIN",
        "INTERNAL_APP_ENDPOINT_PATTERN",
    }
)
RESERVED_VARIABLES = FLYTE_VARIABLES | {
    WIRING_VARIABLE,
    HEALTH_PATH_VARIABLE,
    HEALTH_TIMEOUT_VARIABLE,
    AUTH_VARIABLE,
    STATE_FOLDER_VARIABLE,
    DRAIN_VARIABLE,
    API_KEY_VARIABLE,
    "FLYTE_ROOT_PATH",
    "FLYTE_ATTEMPT_NUMBER",
    "FLYTE_INPUT_PATH",
    "FLYTE_OUTPUT_PATH",
    "FLYTE_SECRETS_DEFAULT_DIR",
    "FLYTE_LOCAL_PROCESS",
    "PULUMI_FLYTE",
    "PORT",
    "PATH",
    "HOME",
    "PYTHONPATH",
    "ACTION_NAME",
    "RUN_NAME",
    "_U_RUN_BASE",
    "_U_USE_ACTIONS",
    "EAGER_API_KEY",
    "FSSPEC_FILE_AUTO_MKDIR",
}
_CREDENTIAL_PREFIX = "FLYTE_CREDENTIAL_"
RESERVED_PREFIXES = (_CREDENTIAL_PREFIX, "FLYTE_INTERNAL_", "_U_", "_F_")

_ALIAS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def variable_name(alias: str) -> str:
    """Return the environment variable of an alias: the alias in upper case."""
    return alias.upper()


def credential_variable(alias: str) -> str:
    """Return the variable that carries the credential for calls to the app wired as `alias`."""
    return f"{_CREDENTIAL_PREFIX}{variable_name(alias)}"


def is_alias(text: str) -> bool:
    """Check that `text` can be an alias: a C identifier, so that its upper-case form is a variable name (POSIX 8.1)."""
    return _ALIAS.fullmatch(text) is not None


def is_reserved_variable(variable: str) -> bool:
    """Check whether Flyte, the platform or this contract sets the variable itself."""
    if variable == TELEMETRY_VARIABLE:  # users may set it
        return False
    return variable in RESERVED_VARIABLES or variable.startswith(RESERVED_PREFIXES)


def drain_within(grace_period: int, pre_stop_delay: int = PRE_STOP_DELAY) -> int:
    """Return how many seconds after the stop signal `rt.serve` has to end to fit the grace period, at least 1."""
    return max(1, grace_period - pre_stop_delay - _AFTER_DRAIN)


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Identity(_Value):
    """The app or task that a container runs."""

    kind: Literal["app", "task"]
    project: str
    domain: str
    name: str
    org: str = ""

    @property
    def subject(self) -> str:
        """The `sub` of the container's credentials: `project/domain/kind/name`."""
        return f"{self.project}/{self.domain}/{self.kind}/{self.name}"


class AppInput(_Value):
    """An app that the container may call. Timeouts are seconds."""

    kind: Literal["app"] = "app"
    project: str
    domain: str
    name: str
    url: str
    public_url: str | None = None
    timeout: float | None = None
    retries: int | None = None
    credential_variable: str | None = None


class TaskInput(_Value):
    """A task that the container may start. Without `version` it is the latest one."""

    kind: Literal["task"] = "task"
    project: str
    domain: str
    name: str
    version: str | None = None
    timeout: float | None = None

    @property
    def reference(self) -> str:
        """The text `project/domain/name@version`, or without `@version` for the latest."""
        at = f"@{self.version}" if self.version else ""
        return f"{self.project}/{self.domain}/{self.name}{at}"


class ValueInput(_Value):
    """A plain string. Its value is only in the variable of its alias."""

    kind: Literal["value"] = "value"


Input = Annotated[AppInput | TaskInput | ValueInput, Field(discriminator="kind")]


class Auth(_Value):
    """The settings by which an app with `requires_auth` recognizes its callers.

    - `audience` is the app, as in the `aud` of its callers' credentials.
    - `keys` are public keys (JWK, RFC 7517 and RFC 8037), the newest first. There are two while they rotate.
    - `enforced_by` says who refuses all other callers: the platform's front door, or the application by `rt.serve`.
    """

    audience: str
    keys: tuple[dict[str, str], ...] = ()
    enforced_by: Literal["platform", "app"] = "app"


class Wiring(_Value):
    """The `FLYTE_WIRING` document. `secrets` maps a secret's key to the variable that carries its value."""

    version: Literal[1] = 1
    platform: str = "local"
    identity: Identity
    inputs: dict[str, Input] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict)
    auth: Auth | None = None

    def to_json(self) -> str:
        """Return the document as JSON. Equal wirings give equal bytes, in any order of their declaration."""
        return json.dumps(self.model_dump(mode="json", exclude_none=True), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Wiring:
        """Return the wiring in a JSON document. Raises pydantic.ValidationError if it does not fit this version."""
        return cls.model_validate_json(text)


def audience(project: str, domain: str, name: str) -> str:
    """Return the `aud` of a credential: the app that it is for."""
    return f"{project}/{domain}/{name}"


def parse_subject(text: str) -> Identity:
    """Return the identity that `Identity.subject` wrote. Raises ValueError."""
    project, domain, kind, name = text.split("/", 3)
    if kind not in ("app", "task") or not all((project, domain, name)):
        msg = f"{text!r} is not a caller: expected project/domain/app/name or project/domain/task/name"
        raise ValueError(msg)
    return Identity(kind="app" if kind == "app" else "task", project=project, domain=domain, name=name)


def parse_task_reference(text: str) -> TaskInput:
    """Return the task that `TaskInput.reference` wrote. Raises ValueError, which names the accepted form."""
    path, _, version = text.partition("@")
    parts = path.split("/", 2)
    if len(parts) != 3 or not all(parts):
        msg = f"{text!r} is not a task reference: expected project/domain/name or project/domain/name@version"
        raise ValueError(msg)
    return TaskInput(project=parts[0], domain=parts[1], name=parts[2], version=version or None)
