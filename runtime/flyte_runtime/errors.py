"""The errors that this library raises, in one tree.

    FlyteRuntimeError
    ├── WiringError                the wiring does not fit the code
    │   ├── NotWired               there is no wiring for this alias
    │   │   └── UnknownAlias       the container is wired, but not with this alias
    │   ├── WrongKind              the alias is an app and the code uses it as a task, or the like
    │   ├── BadWiring              the wiring cannot be read
    │   └── SecretMissing          the secret is not declared, or its variable is empty
    ├── NotConfigured              Flyte's SDK is not installed, or its variables are not set
    ├── CallError                  a call to a wired app
    │   ├── InvalidCall            nothing was sent, because the arguments are not valid
    │   ├── CallFailed             no response came
    │   │   ├── CallTimedOut       no response came within the call's total time (also a TimeoutError)
    │   │   └── SocketRefused      the app refused a WebSocket's handshake
    │   └── SocketClosed           a WebSocket is closed and is not opened again
    ├── TaskError                  a wired task and its runs
    │   ├── TaskNotFound           the control plane has no such task, or no such version
    │   ├── TaskInputError         the inputs do not fit the task's interface; nothing was sent
    │   ├── StartFailed            the control plane refused the run, or could not be reached
    │   ├── RunNotFound            the task has no run of that name
    │   ├── RunFailed              the run failed, was aborted or timed out
    │   └── RunTimedOut            the run did not end within the time to wait (also a TimeoutError)
    ├── WebhookError               a webhook's keys, folders or names are not what it needs
    ├── webhooks.Refused           a delivery is turned away (also Starlette's HTTPException)
    ├── websockets.Refused         a WebSocket's client was turned away
    ├── ServeError                 what was to be served cannot be
    ├── ClientLeft                 a WebSocket's client is gone (in the app that serves it)
    ├── InvalidMessage             what was to be sent is neither text, bytes nor JSON data
    └── WouldBlock                 a synchronous call inside a running event loop

The two `Refused` are where their frameworks are, in `flyte_runtime.webhooks` and `flyte_runtime.websockets`. What is
called a `Refusal` is never raised: it is the reason for turning somebody away, a value.
An HTTP status is not an error here: as with httpx, `response.raise_for_status()` makes it one.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "BadWiring",
    "CallError",
    "CallFailed",
    "CallTimedOut",
    "ClientLeft",
    "FlyteRuntimeError",
    "InvalidCall",
    "InvalidMessage",
    "NotConfigured",
    "NotWired",
    "RunFailed",
    "RunNotFound",
    "RunTimedOut",
    "SecretMissing",
    "ServeError",
    "SocketClosed",
    "SocketRefused",
    "StartFailed",
    "TaskError",
    "TaskInputError",
    "TaskNotFound",
    "UnknownAlias",
    "WebhookError",
    "WiringError",
    "WouldBlock",
    "WrongKind",
    "nearest",
    "reason_of",
]


class FlyteRuntimeError(RuntimeError):
    """The base class of all errors of this library."""


class WiringError(FlyteRuntimeError):
    """The container's wiring does not fit its code."""


class NotWired(WiringError):
    """The container carries no wiring for this alias."""


class UnknownAlias(NotWired):
    """The container is wired, but not with this alias."""


class WrongKind(WiringError):
    """The alias is wired to another kind of input than the code uses it as."""


class BadWiring(WiringError):
    """The wiring cannot be read."""


class SecretMissing(WiringError):
    """The secret is not declared for this container, or its variable is not set."""


class NotConfigured(FlyteRuntimeError):
    """Flyte's SDK cannot connect: it is not installed, or its variables are missing."""


class CallError(FlyteRuntimeError):
    """A call to a wired app did not give a response."""


class InvalidCall(CallError):
    """The call's arguments are not valid. Nothing was sent."""


class CallFailed(CallError):
    """No response came. `__cause__` is the error of the last attempt; `attempts` is the number of attempts."""

    def __init__(self, message: str, *, alias: str, url: str, attempts: int) -> None:
        super().__init__(message)
        self.alias = alias
        self.url = url
        self.attempts = attempts


class CallTimedOut(CallFailed, TimeoutError):
    """No response came within the call's total time."""


class SocketRefused(CallFailed):
    """The app refused a WebSocket's handshake with `status`, and another attempt would not help."""

    def __init__(self, message: str, *, alias: str, url: str, attempts: int, status: int) -> None:
        super().__init__(message, alias=alias, url=url, attempts=attempts)
        self.status = status


class SocketClosed(CallError):
    """A WebSocket is closed and is not opened again. `code` and `reason` are from its closing (RFC 6455 §7.4)."""

    def __init__(self, message: str, *, code: int, reason: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


class TaskError(FlyteRuntimeError):
    """A call to a wired task, or to one of its runs, failed."""


class TaskNotFound(TaskError):
    """The control plane has no such task, or no such version of it."""


class TaskInputError(TaskError):
    """The inputs do not fit the task. `problems` maps each input to its problem. Nothing was sent."""

    def __init__(self, task: str, problems: dict[str, str]) -> None:
        lines = "".join(f"\n  {name}: {problem}" for name, problem in problems.items())
        super().__init__(f"the inputs do not fit task {task!r}:{lines}")
        self.problems = problems


class StartFailed(TaskError):
    """The control plane refused the run, or could not be reached."""


class RunNotFound(TaskError):
    """The task has no run of that name."""

    def __init__(self, task: str, name: str, where: str) -> None:
        super().__init__(f"task {task!r} has no run {name!r} in {where}")
        self.name = name


class RunFailed(TaskError):
    """The run did not succeed. `phase` is its last phase; `reason` says why it ended."""

    def __init__(self, name: str, phase: str, reason: str, url: str) -> None:
        super().__init__(f"run {name} {phase.replace('_', ' ')}: {reason or 'no reason given'} ({url})")
        self.name = name
        self.phase = phase
        self.reason = reason
        self.url = url


class RunTimedOut(TaskError, TimeoutError):
    """The run did not end within the time to wait. It goes on."""


class WebhookError(FlyteRuntimeError):
    """A webhook is not set up correctly, for example without a key. A refused delivery never raises it."""


class ServeError(FlyteRuntimeError):
    """The application cannot be served. The message says why in one sentence."""


class ClientLeft(FlyteRuntimeError):
    """The client of a WebSocket has left, or its connection was closed with `code` and `reason`."""

    def __init__(self, client: object, code: int, reason: str) -> None:
        super().__init__(f"{client!r}{f': {reason}' if reason else ''}")
        self.client = client
        self.code = code
        self.reason = reason


class InvalidMessage(FlyteRuntimeError):
    """A message for a WebSocket is neither text, bytes nor JSON data."""


class WouldBlock(FlyteRuntimeError):
    """A synchronous call was made inside a running event loop, which it would block."""


def reason_of(error: BaseException) -> str:
    """Return an error's text, or the name of its class if it has no text, as is common for timeouts."""
    return str(error) or type(error).__name__


def nearest(name: str, candidates: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` if a candidate is close to `name`, otherwise an empty text."""
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    close = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return f" (did you mean {by_lower[close[0]]!r}?)" if close else ""
