"""What a component writes into a container and the runtime reads back: one model, both sides.

A container that pulumi-flyte deploys carries

- one variable per wired alias (`variable_name(alias)`): an app's internal URL, a task's
  `project/domain/name@version` (without `@version`: the latest), or the plain string;
- `FLYTE_WIRING`: this module's `Wiring` as JSON;
- the variables that `flyte.init_in_cluster()` reads (`RESERVED_VARIABLES`).

Nothing here ever holds a secret's value, only the name of the variable that does.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

WIRING_VARIABLE = "FLYTE_WIRING"
HEALTH_PATH_VARIABLE = "FLYTE_HEALTH_PATH"
HEALTH_TIMEOUT_VARIABLE = "FLYTE_HEALTH_TIMEOUT"
# Says that the app was declared with requires_auth=True: a spec's own field cannot tell that from "not given".
AUTH_VARIABLE = "FLYTE_REQUIRES_AUTH"
# Carries an edge's credential. A header of its own: an application's `Authorization` stays the application's.
CREDENTIAL_HEADER = "Flyte-Caller-Token"
CREDENTIAL_ISSUER = "pulumi-flyte"
DEFAULT_HEALTH_PATH = "/healthz"
# Adds the older spellings of Flyte's SDK, where it is `1` (flyte_runtime.compat). It is the user's to set.
COMPAT_VARIABLE = "FLYTE_RUNTIME_COMPAT"
# The switch of Flyte's SDK for its reports to its makers (flyte/_sentry.py). `false` allows them.
TELEMETRY_VARIABLE = "FLYTE_DISABLE_TELEMETRY"
# A folder for what has to outlive a process and no longer than the platform it runs on; the temporary one by default.
STATE_FOLDER_VARIABLE = "FLYTE_STATE_FOLDER"
# The key that a container shows to Flyte's endpoint: base64 of endpoint:client_id:client_secret:org. Flyte's SDK reads
# it in a container (flyte/_initialize.py, init_in_cluster), takes the endpoint from it and not from _U_EP_OVERRIDE.
API_KEY_VARIABLE = "_UNION_EAGER_API_KEY"

# How a container ends, in seconds. Kubernetes first runs preStop, which sleeps while every node learns that the pod
# takes no new connections (whole seconds; lifecycle.preStop.sleep). Then comes the stop signal. `rt.serve` still takes
# requests for DRAIN_DELAY, so that clients with kept connections move, and ends within DRAIN, both counted from the
# signal. The grace period has room for all of that, and for a process that has to be ended by `rt.serve` itself.
PRE_STOP_DELAY = 5
DRAIN_DELAY = 5
DRAIN = 25
GRACE_PERIOD = 35
_AFTER_DRAIN = GRACE_PERIOD - PRE_STOP_DELAY - DRAIN
# The seconds of DRAIN, where the grace period is another one.
DRAIN_VARIABLE = "FLYTE_DRAIN"
# The seconds of DRAIN_DELAY. It is the user's to set.
DRAIN_DELAY_VARIABLE = "FLYTE_DRAIN_DELAY"

# Read by flyte's own SDK inside a container (flyte/_initialize.py, flyte/app/_app_environment.py).
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
    """The environment variable of an alias: its upper-cased name."""
    return alias.upper()


def credential_variable(alias: str) -> str:
    """The variable that carries the credential of the edge to the app wired as `alias`."""
    return f"{_CREDENTIAL_PREFIX}{variable_name(alias)}"


def is_alias(text: str) -> bool:
    """Whether `text` can be an alias: a C identifier, so that its upper-cased form is a variable name (POSIX 8.1)."""
    return _ALIAS.fullmatch(text) is not None


def is_reserved_variable(variable: str) -> bool:
    """Whether Flyte, the platform or this contract sets the variable itself."""
    if variable == TELEMETRY_VARIABLE:  # the user's switch
        return False
    return variable in RESERVED_VARIABLES or variable.startswith(RESERVED_PREFIXES)


def drain_within(grace_period: int, pre_stop_delay: int = PRE_STOP_DELAY) -> int:
    """Return the seconds from the stop signal to the end that fit into a grace period, at least 1."""
    return max(1, grace_period - pre_stop_delay - _AFTER_DRAIN)


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Identity(_Value):
    """Who the container is."""

    kind: Literal["app", "task"]
    project: str
    domain: str
    name: str
    org: str = ""

    @property
    def subject(self) -> str:
        """`project/domain/kind/name`, which a credential names as its bearer."""
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
    """A task that the container may start; without a version the latest one."""

    kind: Literal["task"] = "task"
    project: str
    domain: str
    name: str
    version: str | None = None
    timeout: float | None = None

    @property
    def reference(self) -> str:
        """`project/domain/name@version`, or without `@version` for the latest."""
        at = f"@{self.version}" if self.version else ""
        return f"{self.project}/{self.domain}/{self.name}{at}"


class ValueInput(_Value):
    """A plain string; its value is in the alias's own variable only."""

    kind: Literal["value"] = "value"


Input = Annotated[AppInput | TaskInput | ValueInput, Field(discriminator="kind")]


class Auth(_Value):
    """How an app with `requires_auth` knows its callers.

    `keys` are public keys (JWK, RFC 7517 and RFC 8037), the newest first: two while they rotate. `enforced_by` says who
    turns the others away: the platform's own front, or the application through `rt.serve`.
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
        """A stable text: equal wirings give equal bytes, in whatever order they were declared or crossed the engine."""
        return json.dumps(self.model_dump(mode="json", exclude_none=True), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Wiring:
        """Raises pydantic.ValidationError on a document that this version does not understand."""
        return cls.model_validate_json(text)


def audience(project: str, domain: str, name: str) -> str:
    """The app that a credential is for."""
    return f"{project}/{domain}/{name}"


def parse_subject(text: str) -> Identity:
    """The inverse of `Identity.subject`. Raises ValueError."""
    project, domain, kind, name = text.split("/", 3)
    if kind not in ("app", "task") or not all((project, domain, name)):
        msg = f"{text!r} is no caller: expected project/domain/app/name or project/domain/task/name"
        raise ValueError(msg)
    return Identity(kind="app" if kind == "app" else "task", project=project, domain=domain, name=name)


def parse_task_reference(text: str) -> TaskInput:
    """The inverse of `TaskInput.reference`. Raises ValueError with the accepted form."""
    path, _, version = text.partition("@")
    parts = path.split("/", 2)
    if len(parts) != 3 or not all(parts):
        msg = f"{text!r} is not a task reference: expected project/domain/name or project/domain/name@version"
        raise ValueError(msg)
    return TaskInput(project=parts[0], domain=parts[1], name=parts[2], version=version or None)
