"""Older spellings of a run, which much published code still uses, for whoever asks for them.

    import flyte_runtime.compat
    flyte_runtime.compat.install()

The variable `FLYTE_RUNTIME_COMPAT=1` asks for them without an edit: `flyte-runtime serve` reads it, and so do the
resolvers in flyte_runtime.compat.resolvers, by which components let Flyte's SDK load its apps and tasks.

    older spelling      what it is
    run.id              run.name
    run.status          run.phase, as text
    run.stream()        run.watch(), with `status` and `message` in each update

Each use warns once per line with a `FlyteCompatWarning` that names today's spelling. Nothing that the SDK has is
replaced: a spelling that a later SDK takes up again is the SDK's. Older keywords of environments are not here: they
fail where the code is written, and the SDK finds an app's module by the frames of its constructor, which nothing may
wrap. docs/older-spellings.md lists them all.
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
    """An older spelling was used. No DeprecationWarning, which Python hides outside of `__main__`, as in a server."""


@dataclass(frozen=True)
class StreamUpdate:
    """One state of a run as `run.stream()` gives it: both fields are plain text and go into JSON as they are."""

    status: str
    message: str


def install() -> None:
    """Adds the older spellings to the SDK of this process; it does nothing the second time.

    Raises NotConfigured where Flyte's SDK is not installed.
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
    """`install`, where the variable `FLYTE_RUNTIME_COMPAT` is `1`."""
    if os.environ.get(COMPAT_VARIABLE) == "1":
        install()


def uninstall() -> None:
    """Takes them away again."""
    while _undo:
        _undo.pop()()


@contextlib.contextmanager
def installed() -> Iterator[None]:
    """The older spellings within a `with` block; where they were there before, they stay."""
    before = bool(_undo)
    install()
    try:
        yield
    finally:
        if not before:
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
