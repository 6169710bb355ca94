"""Older spellings of Flyte's `Run`, which much published code still uses.

    import flyte_runtime.compat
    flyte_runtime.compat.install()

The variable `FLYTE_RUNTIME_COMPAT=1` adds them without an edit of the code. `flyte-runtime serve` reads it, and so do
the resolvers in flyte_runtime.compat.resolvers, with which Flyte's SDK loads apps and tasks.

    older spelling      today's spelling
    run.id              run.name
    run.status          run.phase, as text
    run.stream()        run.watch(), with `status` and `message` in each update

Each use warns once per line with a `FlyteCompatWarning` that names today's spelling. Attributes that the SDK has are
never replaced.

Older keywords of environments are not supported. The SDK finds an app's module by the call frames of its constructor,
so the constructor cannot be wrapped. docs/older-spellings.md lists all older spellings.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flyte_runtime.contract import COMPAT_VARIABLE
from flyte_runtime.errors import NotConfigured

__all__ = ["FlyteCompatWarning", "StreamUpdate", "install", "install_if_asked", "installed", "uninstall"]

_undo: list[Callable[[], None]] = []


class FlyteCompatWarning(UserWarning):
    """A warning about an older spelling. It is not a DeprecationWarning, because Python hides those in a server."""


@dataclass(frozen=True)
class StreamUpdate:
    """A state of a run, as `run.stream()` yields it. Both fields are plain text."""

    status: str
    message: str


def install() -> None:
    """Add the older spellings to the SDK of this process. A second call does nothing.

    Raises NotConfigured if Flyte's SDK is not installed.
    """
    if _undo:
        return
    try:
        from flyte.remote import Run
    except ImportError as error:
        msg = f"flyte_runtime.compat needs Flyte's SDK in this image: pip install 'flyte-runtime[flyte]' ({error})"
        raise NotConfigured(msg) from error
    _add(Run, "id", property(_id))
    _add(Run, "status", property(_status))
    _add(Run, "stream", _stream)


def install_if_asked() -> None:
    """Add the older spellings if the variable `FLYTE_RUNTIME_COMPAT` is `1`."""
    if os.environ.get(COMPAT_VARIABLE) == "1":
        install()


def uninstall() -> None:
    """Remove the older spellings."""
    while _undo:
        _undo.pop()()


@contextlib.contextmanager
def installed() -> Iterator[None]:
    """Add the older spellings within a `with` block. They stay after it if they were installed before it."""
    was_installed = bool(_undo)
    install()
    try:
        yield
    finally:
        if not was_installed:
            uninstall()


def _id(run: Any) -> str:
    _warn("run.id", "run.name")
    return str(run.name)


def _status(run: Any) -> str:
    _warn("run.status", "run.phase")
    return _text(run.phase)


def _stream(run: Any) -> AsyncIterator[StreamUpdate]:
    _warn("run.stream()", "run.watch()")
    return _updates(run)


async def _updates(run: Any) -> AsyncIterator[StreamUpdate]:
    async for details in run.watch():
        reason = details.abort_info.reason if details.abort_info else ""
        yield StreamUpdate(status=_text(details.phase), message=details.error_message or reason)


def _add(owner: Any, name: str, value: Any) -> None:
    if not hasattr(owner, name):
        setattr(owner, name, value)
        _undo.append(lambda: delattr(owner, name))


def _text(phase: Any) -> str:
    return str(getattr(phase, "value", phase)).lower()


def _warn(old: str, new: str) -> None:
    warnings.warn(f"{old} is an older spelling of {new}", FlyteCompatWarning, stacklevel=3)
