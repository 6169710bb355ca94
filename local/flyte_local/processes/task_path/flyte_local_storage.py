"""`store:///path`: files of this machine that Flyte's SDK takes for remote ones. On the import path of every process
that the server starts; fsspec finds it by the entry point beside this file, and imports it when it is first used.

With a plain path or `file://`, `File.from_local` copies nothing (flyte/io/_file.py): what a task wrote into its working
folder or a temporary one, and returned, would be gone with that folder. Remote files are copied in both directions.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiofiles  # type: ignore[import-untyped]
from fsspec.asyn import AsyncFileSystem  # type: ignore[import-untyped]
from fsspec.implementations.local import LocalFileSystem  # type: ignore[import-untyped]

_PREFIX = "store://"


class StoreFileSystem(LocalFileSystem, AsyncFileSystem):  # type: ignore[misc]  # fsspec has no types
    """The local file system under another name; what is written creates its folders.

    Its synchronous methods are those of LocalFileSystem. The few asynchronous ones are those that Flyte's SDK calls
    (flyte/storage/_storage.py, flyte/io/_dir.py, flyte/_internal/runtime/io.py).
    """

    protocol = "store"
    async_impl = False
    mirror_sync_methods = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"auto_mkdir": True, **options})

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        if isinstance(path, (list, tuple)):
            return [cls._strip_protocol(each) for each in path]
        return super()._strip_protocol(str(path).removeprefix(_PREFIX))

    def unstrip_protocol(self, name: str) -> str:
        """A path as its URL."""
        return _PREFIX + str(self._strip_protocol(name))

    async def open_async(self, path: str, mode: str = "rb", **options: Any) -> Any:
        """A file whose reads and writes are awaited."""
        local = self._strip_protocol(path)
        if "r" not in mode:
            self.makedirs(self._parent(local), exist_ok=True)
        return await aiofiles.open(local, mode)

    async def _get(self, rpath: Any, lpath: Any, recursive: bool = False, **options: Any) -> None:
        await asyncio.to_thread(self.get, rpath, lpath, recursive=recursive)

    async def _put(self, lpath: Any, rpath: Any, recursive: bool = False, **options: Any) -> None:
        await asyncio.to_thread(self.put, lpath, rpath, recursive=recursive)

    async def _exists(self, path: str, **options: Any) -> bool:
        return bool(await asyncio.to_thread(self.exists, path))

    async def _info(self, path: str, **options: Any) -> dict[str, Any]:
        return dict(await asyncio.to_thread(self.info, path))

    async def _rm_file(self, path: str, **options: Any) -> None:
        await asyncio.to_thread(self.rm_file, path)

    async def _walk(self, path: str, maxdepth: int | None = None, **options: Any) -> AsyncIterator[Any]:
        for entry in await asyncio.to_thread(lambda: list(self.walk(path, maxdepth=maxdepth, **options))):
            yield entry
