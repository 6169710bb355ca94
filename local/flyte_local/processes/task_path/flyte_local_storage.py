"""The files of this machine for fsspec, as a program finds an object store: awaitable, and without folders to make.

This folder is on the import path of every process that the server starts. fsspec reads the entry points beside this
file and imports the module when a file is first used.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiofiles  # type: ignore[import-untyped]
from fsspec.asyn import AsyncFileSystem  # type: ignore[import-untyped]
from fsspec.implementations import local  # type: ignore[import-untyped]

STORE = "store://"


# pyarrow takes a class of this name for its own local file system, which is faster (pyarrow.fs._ensure_filesystem).
class LocalFileSystem(local.LocalFileSystem, AsyncFileSystem):  # type: ignore[misc]  # fsspec has no types
    """fsspec's local file system with the verbs of an asynchronous one. Writing a file creates its folders.

    The synchronous verbs are fsspec's own, but for paths, which may be a `Path` everywhere. The asynchronous verbs
    run the synchronous ones in a thread.
    """

    async_impl = True
    mirror_sync_methods = False

    def __init__(self, auto_mkdir: bool = True, **options: Any) -> None:
        super().__init__(auto_mkdir=auto_mkdir, **options)

    def unstrip_protocol(self, name: str) -> str:
        """Return the plain path, which is what Flyte's SDK opens, copies and compares."""
        return str(self._strip_protocol(name))

    def mv(self, path1: Any, path2: Any, **options: Any) -> None:
        """Move a file or a folder."""
        self.makedirs(self._parent(path2), exist_ok=True)
        super().mv(path1, path2, **options)

    def mv_file(self, path1: Any, path2: Any) -> None:
        """Move a file."""
        self.mv(path1, path2)

    async def open_async(self, path: Any, mode: str = "rb", **options: Any) -> Any:
        """Open a file whose reads and writes are awaited."""
        file = self._strip_protocol(path)
        if "r" not in mode:
            self.makedirs(self._parent(file), exist_ok=True)
        return AsyncFile(await aiofiles.open(file, mode))

    async def _walk(self, path: Any, maxdepth: int | None = None, **options: Any) -> AsyncIterator[Any]:
        for entry in await asyncio.to_thread(lambda: list(self.walk(path, maxdepth=maxdepth, **options))):
            yield entry


class StoreFileSystem(LocalFileSystem):
    """The same files under a protocol that Flyte's SDK takes for a remote one: it copies them in both directions."""

    protocol = "store"

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        if isinstance(path, (list, tuple)):
            return [cls._strip_protocol(each) for each in path]
        return super()._strip_protocol(str(path).removeprefix(STORE))


class AsyncFile:
    """An open file of aiofiles that `async with` closes, as the files of object stores are closed."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._file.__aiter__()  # type: ignore[no-any-return]

    async def __aenter__(self) -> AsyncFile:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._file.close()


def _text(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_text(each) for each in value]
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _verb(name: str) -> Callable[..., Any]:
    sync_verb = getattr(local.LocalFileSystem, name)

    @functools.wraps(sync_verb)
    def verb(self: LocalFileSystem, *arguments: Any, **options: Any) -> Any:
        return sync_verb(self, *map(_text, arguments), **{key: _text(value) for key, value in options.items()})

    return verb


def _awaited(name: str) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(getattr(AsyncFileSystem, f"_{name}"))
    async def verb(self: LocalFileSystem, *arguments: Any, **options: Any) -> Any:
        options.pop("batch_size", None)  # An option of the asynchronous verbs only: how many files at once.
        return await asyncio.to_thread(getattr(self, name), *arguments, **options)

    return verb


for _name, _ in inspect.getmembers(AsyncFileSystem, inspect.iscoroutinefunction):
    if callable(getattr(local.LocalFileSystem, _name[1:], None)):
        setattr(LocalFileSystem, _name[1:], _verb(_name[1:]))
        setattr(LocalFileSystem, _name, _awaited(_name[1:]))
