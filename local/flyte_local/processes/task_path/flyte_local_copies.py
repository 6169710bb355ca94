"""Makes `File` and `Dir` of Flyte's SDK copy the data that they upload and download.

A task's files have plain paths, so that every library can read and write them. The SDK does not copy files with plain
paths (flyte/io/_file.py, flyte/io/_dir.py): a file that a task returned from a temporary folder would vanish with the
folder, and a task that changes its download would change the original. During a copy, the SDK sees a remote path here.
A storage option of the SDK that copies plain paths would let this module go; there is no upstream issue for one yet.

Flyte's SDK calls `install` when it is initialised: it is an entry point of the group `flyte.plugins.types`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flyte
from flyte.io import Dir, File
from flyte.storage import is_remote
from flyte_local_storage import STORE  # type: ignore[import-not-found]  # found by PYTHONPATH


def install() -> None:
    """Change `File` and `Dir`. The SDK calls this at most once in a process."""
    for kind in (File, Dir):
        for name in ("from_local", "from_local_sync"):
            setattr(kind, name, classmethod(_uploading(vars(kind)[name].__func__)))
        for name in ("download", "download_sync"):
            setattr(kind, name, _downloading(vars(kind)[name]))


def _uploading(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def upload(
        cls: Any, local_path: Any, remote_destination: str | None = None, *arguments: Any, **options: Any
    ) -> Any:
        target = remote_destination or _target(local_path)
        if target is None or is_remote(target):
            return method(cls, local_path, remote_destination, *arguments, **options)
        made = method(
            cls, local_path, f"{STORE}{Path(target.removeprefix('file://')).absolute()}", *arguments, **options
        )
        return _later(made) if inspect.isawaitable(made) else _plain(made)

    return upload


def _downloading(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def download(self: Any, local_path: Any = None) -> Any:
        if is_remote(self.path):
            return method(self, local_path)
        path = Path(self.path.removeprefix("file://")).absolute()
        if local_path is not None and Path(local_path).absolute() == path:
            return method(self, local_path)
        return method(self.model_copy(update={"path": f"{STORE}{path}"}), local_path)

    return download


def _target(local_path: Any) -> str | None:
    """Return a new place among the raw data of the task; None outside of a task."""
    context = flyte.ctx()
    return context.raw_data_path.get_random_remote_path(Path(local_path).name) if context else None


async def _later(made: Any) -> Any:
    return _plain(await made)


def _plain(made: Any) -> Any:
    made.path = made.path.removeprefix(STORE)
    return made
