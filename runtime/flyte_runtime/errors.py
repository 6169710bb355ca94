"""Everything that this library raises, in one tree.

    FlyteRuntimeError
    ├── WiringError                what the container was given
    │   ├── NotWired               there is no wiring at all for this alias
    │   │   └── UnknownAlias       the container is wired, but not with this alias
    │   ├── WrongKind              the alias is an app where a task was asked for, or the like
    │   ├── BadWiring              the wiring cannot be read
    │   └── SecretMissing          the secret is not declared, or its variable is empty
    ├── NotConfigured              Flyte's own SDK is missing, or the variables that it connects with
    ├── CallError                  a call to a wired app
    │   ├── InvalidCall            nothing was sent: the arguments cannot make a request
    │   ├── CallFailed             no response came
    │   │   ├── CallTimedOut       … within the call's total time (also a TimeoutError)
    │   │   └── SocketRefused      the app answered a WebSocket's handshake with a status
    │   └── SocketClosed           the app has closed a WebSocket, for good
    ├── TaskError                  a wired task and its runs
    │   ├── TaskNotFound           the control plane has no such task, or no such version
    │   ├── TaskInputError         the inputs do not fit the task's interface; nothing was sent
    │   ├── StartFailed            the control plane refused the run, or could not be reached
    │   ├── RunNotFound            the task has no run of that name
    │   ├── RunFailed              the run ended other than successfully
    │   └── RunTimedOut            the run has not ended within the time to wait (also a TimeoutError)
    ├── WebhookError               a webhook's keys, folders or names are not what it needs
    ├── webhooks.Refused           a delivery is turned away (also Starlette's HTTPException)
    ├── websockets.Refused         a WebSocket's client was turned away
    ├── ServeError                 what was to be served cannot be
    ├── ClientLeft                 a WebSocket's client is gone (in the app that serves it)
    ├── InvalidMessage             what was to be sent is neither text, bytes nor JSON data
    └── WouldBlock                 a synchronous call inside a running event loop

The two `Refused` are where their frameworks are, in `flyte_runtime.webhooks` and `flyte_runtime.websockets`. What is
called a `Refusal` is never raised: it is the reason for turning somebody away, a value.
An HTTP status is no error here: as with httpx, `response.raise_for_status()` makes it one.
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
    """The one class to catch."""


class WiringError(FlyteRuntimeError):
    """What the container was given does not fit what the code asks for."""


class NotWired(WiringError):
    """The container carries no wiring for this alias."""


class UnknownAlias(NotWired):
    """The container is wired, but not with this alias."""


class WrongKind(WiringError):
    """The alias names another kind of thing."""


class BadWiring(WiringError):
    """The wiring is there and cannot be read."""


class SecretMissing(WiringError):
    """The secret is not declared for this container, or its variable is not set."""


class NotConfigured(FlyteRuntimeError):
    """Flyte's SDK cannot connect: it is not installed, or its variables are missing."""


class CallError(FlyteRuntimeError):
    """A call to a wired app did not give a response."""


class InvalidCall(CallError):
    """The arguments make no request that may be sent."""


class CallFailed(CallError):
    """No response: `__cause__` is the last attempt's error, `attempts` how many were made."""

    def __init__(self, message: str, *, alias: str, url: str, attempts: int) -> None:
        super().__init__(message)
        self.alias = alias
        self.url = url
        self.attempts = attempts


class CallTimedOut(CallFailed, TimeoutError):
    """No response within the call's total time."""


class SocketRefused(CallFailed):
    """The app answered a WebSocket's handshake with `status`, for which it would be no use to try again."""

    def __init__(self, message: str, *, alias: str, url: str, attempts: int, status: int) -> None:
        super().__init__(message, alias=alias, url=url, attempts=attempts)
        self.status = status


class SocketClosed(CallError):
    """A WebSocket is closed and not opened again; `code` and `reason` are those of its closing (RFC 6455 §7.4)."""

    def __init__(self, message: str, *, code: int, reason: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


class TaskError(FlyteRuntimeError):
    """A wired task or one of its runs."""


class TaskNotFound(TaskError):
    """The control plane has no such task, or no such version of it."""


class TaskInputError(TaskError):
    """The inputs do not fit: `problems` maps each input to what is wrong with it. Nothing was sent."""

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
    """The run ended other than successfully; `phase` says how, `reason` why."""

    def __init__(self, name: str, phase: str, reason: str, url: str) -> None:
        super().__init__(f"run {name} {phase.replace('_', ' ')}: {reason or 'no reason given'} ({url})")
        self.name = name
        self.phase = phase
        self.reason = reason
        self.url = url


class RunTimedOut(TaskError, TimeoutError):
    """The run goes on; only the waiting ended."""


class WebhookError(FlyteRuntimeError):
    """How a webhook is set up: no key, a key of the wrong form, a folder that cannot be used. Never a delivery."""


class ServeError(FlyteRuntimeError):
    """What was to be served cannot be; the message says why in one sentence."""


class ClientLeft(FlyteRuntimeError):
    """The client has left or was closed, with `code` and `reason`; `client` is it."""

    def __init__(self, client: object, code: int, reason: str) -> None:
        super().__init__(f"{client!r}{f': {reason}' if reason else ''}")
        self.client = client
        self.code = code
        self.reason = reason


class InvalidMessage(FlyteRuntimeError):
    """What was to be sent to a WebSocket is neither text, bytes nor JSON data."""


class WouldBlock(FlyteRuntimeError):
    """A synchronous call inside a running event loop would stop everything else in it."""


def reason_of(error: BaseException) -> str:
    """Return an error's text, or its class where it has none, as a TimeoutError and httpx's timeouts often do."""
    return str(error) or type(error).__name__


def nearest(name: str, known: Iterable[str]) -> str:
    """` (did you mean 'x'?)` where one of `known` is close to `name`, otherwise nothing."""
    by_lower = {k.lower(): k for k in known}
    close = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return f" (did you mean {by_lower[close[0]]!r}?)" if close else ""
