"""The outermost error handler. The engine gets one sentence, never a traceback.

An unexpected error is written to a log file, with its type and stack. Its text is not logged, because it may quote a
secret.
"""

from __future__ import annotations

import functools
import logging
import traceback
from collections.abc import Callable, Coroutine
from logging.handlers import RotatingFileHandler
from typing import Any, TypeVar

import grpc
from pulumi_flyte.source import staging

from pulumi_flyte_provider.errors import ProviderError

R = TypeVar("R")
_log = logging.getLogger("pulumi_flyte_provider")


def guarded(method: Callable[..., Coroutine[Any, Any, R]]) -> Callable[[Any, Any, Any], Coroutine[Any, Any, R]]:
    """Make an RPC abort with one sentence if it fails. The servicer's `redactor` removes secrets from it."""

    @functools.wraps(method)
    async def call(self: Any, request: Any, context: Any) -> R:
        try:
            return await method(self, request, context)
        except grpc.aio.AbortError:
            raise
        except ProviderError as error:
            message = str(error)
        except Exception as error:
            message = unexpected(error, _action(method.__name__, request))
        await context.abort(grpc.StatusCode.UNKNOWN, self.redactor.clean(message))
        raise AssertionError("abort never returns")

    return call


def unexpected(error: BaseException, action: str) -> str:
    """Log an unexpected exception, which is a bug of the plugin, and return a sentence about it."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    _file().error("%s: %s\n%s", action, type(error).__name__, frames)
    place = traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ else None
    where = f" in {place.name}" if place else ""
    return (
        f"pulumi-resource-flyte failed unexpectedly ({type(error).__name__}{where}) while {action}:"
        f" please report it with the log {log_path()}"
    )


def log_path() -> str:
    """Return the path of the log file for unexpected errors."""
    return str(staging.cache() / "plugin.log")


@functools.cache
def _file() -> logging.Logger:
    staging.cache().mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(log_path(), maxBytes=1_000_000, backupCount=1)
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(message)s"))
    _log.addHandler(handler)
    _log.propagate = False
    return _log


def _action(method: str, request: Any) -> str:
    name = getattr(request, "urn", "") or getattr(request, "name", "")
    return f"answering {method} of {name}" if name else f"answering {method}"
